package gate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A repo is the root of a git working tree.
type repo string

// openRepo returns the repository around dir.
func openRepo(ctx context.Context, dir string) (repo, error) {
	root, err := repo(dir).git(ctx, "rev-parse", "--show-toplevel")
	return repo(root), err
}

// git returns what a git command prints, without the last newline.
func (r repo) git(ctx context.Context, args ...string) (string, error) {
	return r.gitEnv(ctx, nil, args...)
}

func (r repo) gitEnv(ctx context.Context, env []string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	c := command(ctx, "git", args...)
	c.Dir = string(r)
	c.Env = append(append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "LC_ALL=C"), env...)
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimRight(stdout.String(), "\n"), nil
}

// command returns a command that a cancelled context asks to stop, then kills.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 3 * time.Second
	return c
}

// commit returns the hash of a revision, or "" if there is no such commit here.
func (r repo) commit(ctx context.Context, rev string) string {
	hash, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return ""
	}
	return hash
}

// An origin is the commit that a working tree is compared with.
type origin struct {
	commit string // empty if there is nothing to compare with
	why    string
}

// origin finds what to compare with: rev, or what the change starts from.
func (r repo) origin(ctx context.Context, rev string) (origin, error) {
	if rev != "" {
		if c := r.commit(ctx, rev); c != "" {
			return origin{c, "-base " + rev}, nil
		}
		return origin{}, r.lacks(ctx, fmt.Sprintf("-base %s: no such commit here", rev))
	}
	if r.commit(ctx, "HEAD") == "" {
		return origin{why: "there is no commit yet"}, nil
	}
	o, missing, err := r.start(ctx)
	for _, commits := range []int{50, 1000} {
		if missing == "" || err != nil || !r.shallow(ctx) {
			break
		}
		if err := r.deepen(ctx, commits); err != nil {
			return origin{}, r.lacks(ctx, fmt.Sprintf("%s, and fetching more failed: %v", missing, err))
		}
		o, missing, err = r.start(ctx)
	}
	if err == nil && missing != "" {
		err = r.lacks(ctx, missing)
	}
	return o, err
}

// start returns the merge base with the main branch, or, of the main branch
// itself, what precedes the working tree. If history does not reach that far,
// missing says what it lacks.
func (r repo) start(ctx context.Context) (o origin, missing string, err error) {
	head, main, name := r.commit(ctx, "HEAD"), "", ""
	for _, name = range []string{"origin/main", "main"} {
		if main = r.commit(ctx, name); main != "" {
			break
		}
	}
	before := "no main branch"
	if main == "" && r.shallow(ctx) {
		return o, "no main branch", nil
	}
	if main != "" {
		fork, err := r.git(ctx, "merge-base", head, main)
		switch exit := (*exec.ExitError)(nil); {
		case errors.As(err, &exit) && exit.ExitCode() == 1:
			return o, "no common commit of HEAD and " + name, nil
		case err != nil:
			return o, "", err
		case fork != head:
			return origin{fork, "merge base with " + name}, "", nil
		}
		before = "on " + name
	}
	changes, err := r.git(ctx, "status", "--porcelain")
	if err != nil {
		return o, "", err
	}
	if changes != "" {
		return origin{head, before + ": HEAD, as the working tree differs from it"}, "", nil
	}
	if parent := r.commit(ctx, "HEAD~1"); parent != "" {
		return origin{parent, before + ": HEAD~1"}, "", nil
	}
	if r.shallow(ctx) {
		return o, "no parent of HEAD", nil
	}
	return origin{why: "HEAD is the first commit"}, "", nil
}

func (r repo) shallow(ctx context.Context) bool {
	s, err := r.git(ctx, "rev-parse", "--is-shallow-repository")
	return err == nil && s == "true"
}

// deepen fetches some more commits of HEAD and of the main branch.
func (r repo) deepen(ctx context.Context, commits int) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	fetch := []string{"fetch", "--quiet", "--no-tags", "--deepen=" + strconv.Itoa(commits), "origin", r.commit(ctx, "HEAD")}
	if _, err := r.git(ctx, append(fetch, "+refs/heads/main:refs/remotes/origin/main")...); err == nil {
		return nil
	}
	_, err := r.git(ctx, fetch...) // there may be no main branch
	return err
}

// lacks returns an error that says how to get more history, if there is more.
func (r repo) lacks(ctx context.Context, what string) error {
	if r.shallow(ctx) {
		return fmt.Errorf("%s\nthis is a shallow clone: git fetch --unshallow gets the rest (GitHub's actions/checkout: fetch-depth: 0)", what)
	}
	return fmt.Errorf("%s\n-base REV chooses another commit", what)
}

// tests is where the benchmarks are.
const tests = "benchmarks"

// hasBenchmarks reports whether a commit has test files among its benchmarks.
func (r repo) hasBenchmarks(ctx context.Context, commit string) (bool, error) {
	names, err := r.git(ctx, "ls-tree", "--name-only", commit, "--", tests+"/")
	for name := range strings.Lines(names) {
		if strings.HasSuffix(strings.TrimSpace(name), "_test.go") {
			return true, nil
		}
	}
	return false, err
}

// export writes the files of a commit to an existing folder, through an index of
// its own: nothing of the repository changes.
func (r repo) export(ctx context.Context, commit, folder string) error {
	index := []string{"GIT_INDEX_FILE=" + folder + ".index"}
	if _, err := r.gitEnv(ctx, index, "read-tree", commit); err != nil {
		return err
	}
	_, err := r.gitEnv(ctx, index, "checkout-index", "--all", "--prefix="+filepath.ToSlash(folder)+"/")
	return err
}
