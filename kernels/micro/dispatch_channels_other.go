//go:build !amd64 || purego

package micro

func channels(_ Tier, op ChannelOp, a *ChannelArgs) { portableChannels(op, a) }
