package ref

import "math"

// BatchNormTrain normalises each of the c channels of x, m x c, over its m
// values (all pixels of all images), then scales and shifts:
//
//	mean[j]     = sum over i of x[i][j] / m
//	variance[j] = sum over i of (x[i][j] - mean[j])^2 / m
//	y[i][j]     = gamma[j] * (x[i][j] - mean[j]) / sqrt(variance[j] + epsilon) + beta[j]
//
// The variance is the biased one. It writes y, mean and variance.
//
// S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network
// training by reducing internal covariate shift", ICML 2015, algorithm 1.
func BatchNormTrain[T Float](m, c int, y, mean, variance, x, gamma, beta []T, epsilon float64) {
	checkLen("x", x, m*c)
	checkLen("mean", mean, c)
	checkLen("variance", variance, c)
	for j := 0; j < c; j++ {
		var sum, squares T
		for i := 0; i < m; i++ {
			sum += x[i*c+j]
		}
		mean[j] = sum / T(m)
		for i := 0; i < m; i++ {
			d := x[i*c+j] - mean[j]
			squares += d * d
		}
		variance[j] = squares / T(m)
	}
	BatchNormInfer(m, c, y, x, gamma, beta, mean, variance, epsilon)
}

// BatchNormInfer is the last line of [BatchNormTrain] for a mean and a variance
// that are given: those of the moving averages.
func BatchNormInfer[T Float](m, c int, y, x, gamma, beta, mean, variance []T, epsilon float64) {
	checkLen("x", x, m*c)
	checkLen("y", y, m*c)
	checkLen("gamma", gamma, c)
	checkLen("beta", beta, c)
	checkLen("mean", mean, c)
	checkLen("variance", variance, c)
	for j := 0; j < c; j++ {
		invStd := inverseStd(variance[j], epsilon)
		for i := 0; i < m; i++ {
			y[i*c+j] = gamma[j]*(x[i*c+j]-mean[j])*invStd + beta[j]
		}
	}
}

// BatchNormBackward computes the gradients of [BatchNormTrain], whose mean and
// variance depend on x. With xhat = (x - mean) / sqrt(variance + epsilon):
//
//	dbeta[j]  = sum over i of dy[i][j]
//	dgamma[j] = sum over i of dy[i][j] * xhat[i][j]
//	dx[i][j]  = gamma[j] / sqrt(variance[j] + epsilon)
//	            * (dy[i][j] - dbeta[j]/m - xhat[i][j]*dgamma[j]/m)
func BatchNormBackward[T Float](m, c int, dx, dgamma, dbeta, dy, x, gamma, mean, variance []T, epsilon float64) {
	checkLen("dx", dx, m*c)
	checkLen("dy", dy, m*c)
	checkLen("x", x, m*c)
	checkLen("gamma", gamma, c)
	checkLen("dgamma", dgamma, c)
	checkLen("dbeta", dbeta, c)
	checkLen("mean", mean, c)
	checkLen("variance", variance, c)
	for j := 0; j < c; j++ {
		invStd := inverseStd(variance[j], epsilon)
		dgamma[j], dbeta[j] = 0, 0
		for i := 0; i < m; i++ {
			xhat := (x[i*c+j] - mean[j]) * invStd
			dbeta[j] += dy[i*c+j]
			dgamma[j] += dy[i*c+j] * xhat
		}
		for i := 0; i < m; i++ {
			xhat := (x[i*c+j] - mean[j]) * invStd
			dx[i*c+j] = gamma[j] * invStd * (dy[i*c+j] - dbeta[j]/T(m) - xhat*dgamma[j]/T(m))
		}
	}
}

// inverseStd returns 1 / sqrt(variance + epsilon).
func inverseStd[T Float](variance T, epsilon float64) T {
	return 1 / T(math.Sqrt(float64(variance+T(epsilon))))
}

// MovingAverage updates the statistics that inference uses,
//
//	moving = momentum*moving + (1-momentum)*batch
func MovingAverage[T Float](moving, batch []T, momentum float64) {
	checkLen("batch", batch, len(moving))
	for j := range moving {
		moving[j] = T(momentum)*moving[j] + T(1-momentum)*batch[j]
	}
}
