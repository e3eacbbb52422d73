// Command crash ends the way its argument says, by the Go runtime's own hand.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"acme.example/payments/orders"
)

func main() {
	switch os.Args[1] {
	case "panic":
		panic("database is gone")
	case "panic-error":
		panic(orders.Charge(1001))
	case "nil-pointer":
		var order *struct{ id int }
		fmt.Println(order.id)
	case "deadlock":
		var group sync.WaitGroup
		group.Add(1)
		group.Wait()
	case "goroutines":
		debug.SetTraceback("all")
		go worker(make(chan int))
		time.Sleep(100 * time.Millisecond) // the worker waits by then; nothing checks it
		panic("database is gone")
	}
}

func worker(orders chan int) {
	for id := range orders {
		fmt.Println(id)
	}
}
