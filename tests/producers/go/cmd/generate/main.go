// Command generate writes the golden inputs of the Go families: each line as the library made it.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// now is the time of all golden inputs.
var now = time.Date(2026, 11, 20, 22, 15, 16, 515486123, time.UTC)

const (
	traceID = "5b8efff798038103d269b633813fc60c"
	spanID  = "eee19b7ec3c1b174"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate <directory of the families>")
		os.Exit(64)
	}
	testdata := os.Args[1]
	slogCases(family(testdata, "slog"))
	zapCases(family(testdata, "zap"), family(testdata, "ecs"))
	zerologCases(family(testdata, "zerolog"))
	logrusCases(family(testdata, "logrus"))
	textCases(family(testdata, "text-go"))
}

// golden is a family's directory, and the buffer its loggers write to.
type golden struct {
	directory string
	bytes.Buffer
}

func family(testdata, name string) *golden {
	directory := filepath.Join(testdata, name)
	must(os.MkdirAll(directory, 0o755))
	return &golden{directory: directory}
}

// write keeps what was logged since the last call.
func (g *golden) write(name string) {
	must(os.WriteFile(filepath.Join(g.directory, name+".in"), g.Bytes(), 0o644))
	g.Reset()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
