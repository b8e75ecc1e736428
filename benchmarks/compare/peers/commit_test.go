package peers

import (
	"runtime/debug"
	"testing"
)

func TestCommit(t *testing.T) {
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "894320cc163116102c2eac52d29450039efa78b3"}
	for _, c := range []struct {
		settings []debug.BuildSetting
		want     string
	}{
		{nil, "devel"},
		{[]debug.BuildSetting{{Key: "vcs.modified", Value: "true"}}, "devel"},
		{[]debug.BuildSetting{revision, {Key: "vcs.modified", Value: "false"}}, "commit 894320cc1631"},
		{[]debug.BuildSetting{{Key: "vcs.modified", Value: "true"}, revision}, "commit 894320cc1631, changed since"},
	} {
		if got := commit(c.settings); got != c.want {
			t.Errorf("%v: %q, want %q", c.settings, got, c.want)
		}
	}
}
