package gate

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A testRepo is a git repository in a temporary folder.
type testRepo struct {
	t   *testing.T
	dir string
}

func newRepo(t *testing.T) testRepo {
	r := testRepo{t, t.TempDir()}
	r.git("init", "-q", "-b", "main")
	return r
}

// git runs git without any configuration or repository of the caller.
func (r testRepo) git(args ...string) string {
	r.t.Helper()
	c := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"}, args...)...)
	c.Dir = r.dir
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "GIT_") {
			c.Env = append(c.Env, e)
		}
	}
	c.Env = append(c.Env, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	out, err := c.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r testRepo) write(name, text string) {
	r.t.Helper()
	name = filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		r.t.Fatal(err)
	}
}

// commit commits everything and returns the hash.
func (r testRepo) commit(message string) string {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", message)
	return r.git("rev-parse", "HEAD")
}

// clone returns a clone of so many commits of each branch.
func (r testRepo) clone(depth string, args ...string) testRepo {
	c := testRepo{r.t, filepath.Join(r.t.TempDir(), "clone")}
	r.git(append(append([]string{"clone", "-q", "--depth=" + depth}, args...), "file://"+filepath.ToSlash(r.dir), c.dir)...)
	return c
}

// want checks what a repository is compared with. A text that is no hash is part
// of the error, or of the reason for none.
func (r testRepo) want(rev, commit, why string) {
	r.t.Helper()
	o, err := repo(r.dir).origin(r.t.Context(), rev)
	switch {
	case commit == "error" && (err == nil || !strings.Contains(err.Error(), why)):
		r.t.Errorf("%+v, error %v, want error %q", o, err, why)
	case commit != "error" && (err != nil || o.commit != commit || !strings.Contains(o.why, why)):
		r.t.Errorf("%+v, error %v, want %s, %q", o, err, commit, why)
	}
}

func TestOrigin(t *testing.T) {
	r := newRepo(t)
	r.want("", "", "no commit yet")
	first := r.commit("first")
	r.want("", "", "first commit")
	second := r.commit("second")
	r.want("", first, "HEAD~1")
	r.write("new", "file")
	r.want("", second, "differs")
	if err := os.Remove(filepath.Join(r.dir, "new")); err != nil {
		t.Fatal(err)
	}
	r.git("checkout", "-q", "-b", "topic")
	r.want("", first, "on main: HEAD~1") // nothing of its own yet
	r.commit("topic")
	tip := r.commit("topic, again")
	r.want("", second, "merge base with main")
	r.git("checkout", "-q", "main")
	third := r.commit("third")
	r.git("checkout", "-q", "topic")
	r.want("", second, "merge base with main")
	r.git("update-ref", "refs/remotes/origin/main", first)
	r.want("", first, "merge base with origin/main")
	r.want("main", third, "-base main")
	r.want("HEAD~1", r.git("rev-parse", "HEAD~1"), "")
	r.want("nowhere", "error", "-base nowhere: no such commit here")
	r.want("--all", "error", "-base --all: no such commit here")
	r.git("checkout", "-q", "--orphan", "alone")
	r.commit("alone")
	r.want("", "error", "no common commit of HEAD and origin/main\n-base REV")
	r.git("checkout", "-q", "topic")
	r.git("branch", "-q", "-D", "main")
	r.git("update-ref", "-d", "refs/remotes/origin/main")
	r.want("", r.git("rev-parse", tip+"~1"), "no main branch: HEAD~1")
}

func TestShallow(t *testing.T) {
	r := newRepo(t)
	r.commit("first")
	second := r.commit("second")
	third := r.commit("third")
	c := r.clone("1")
	c.want("", second, "on origin/main: HEAD~1")

	r.git("checkout", "-q", "-b", "topic", second)
	for range 55 { // more than the first fetch gets
		r.git("commit", "-q", "--allow-empty", "-m", "topic")
	}
	r.clone("1", "--branch=topic").want("", second, "merge base with origin/main")

	// What a pull request's check sees: a merge that no branch has.
	r.git("checkout", "-q", "--detach", "main")
	r.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
	r.git("update-ref", "refs/pull/1/merge", "HEAD")
	p := newRepo(t)
	p.git("remote", "add", "origin", "file://"+filepath.ToSlash(r.dir))
	p.git("fetch", "-q", "--depth=1", "origin", "+refs/pull/1/merge:refs/remotes/pull/1/merge")
	p.git("checkout", "-q", "--detach", "refs/remotes/pull/1/merge")
	p.want("", third, "merge base with origin/main")

	c = r.clone("1", "--branch=main")
	c.git("remote", "set-url", "origin", "file:///nowhere")
	c.want("", "error", "no parent of HEAD, and fetching more failed")
	c.want("", "error", "git fetch --unshallow")
	c.want("HEAD~1", "error", "git fetch --unshallow")
}

func TestExport(t *testing.T) {
	r := newRepo(t)
	r.write("a/b.txt", "old")
	c := r.commit("first")
	r.write("a/b.txt", "new")
	r.git("add", "-A")
	before := r.git("status", "--porcelain")
	dir := filepath.Join(t.TempDir(), "base")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := repo(r.dir).export(t.Context(), c, dir); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "a", "b.txt")); err != nil || string(text) != "old" {
		t.Errorf("exported %q, error %v", text, err)
	}
	if after := r.git("status", "--porcelain"); after != before {
		t.Errorf("status was %q and is %q", before, after)
	}
}
