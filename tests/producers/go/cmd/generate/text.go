package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"acme.example/payments/orders"
)

func textCases(out *golden) {
	for _, name := range []string{"panic", "panic-error", "nil-pointer", "deadlock", "goroutines"} {
		out.Write(crashed(name))
		out.write(name)
	}
	fmt.Fprintf(out, "%+v\n", orders.ChargeWithStack(1001))
	out.write("pkg-errors")
	fmt.Fprintf(out, "ERROR payment failed\n%+v\n", orders.ChargeWithStack(1001))
	out.write("level-first-pkg-errors")
	log.New(out, "", 0).Print("order 1001 accepted")
	out.write("log-package")
}

var (
	address = regexp.MustCompile(`0x[0-9a-f]+`)
	other   = regexp.MustCompile(`goroutine ([2-9]|\d\d+) `)
)

// crashed is what the process prints when it ends like that. Addresses and numbers of goroutines differ from run to run.
func crashed(how string) []byte {
	command := exec.Command(filepath.Join(filepath.Dir(os.Args[0]), "crash"), how)
	var printed bytes.Buffer
	command.Stderr = &printed
	_ = command.Run()
	text := address.ReplaceAll(printed.Bytes(), []byte("0xc000012345"))
	return other.ReplaceAll(text, []byte("goroutine 7 "))
}
