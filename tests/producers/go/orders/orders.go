// Package orders is the business code of the samples: it fails the way business code does.
package orders

import (
	"errors"
	"fmt"

	pkgerrors "github.com/pkg/errors"
)

// ErrTimeout is the cause below all failures.
var ErrTimeout = errors.New("connect to card-gateway:443 timed out")

// Charge fails, and says of which order and why.
func Charge(order int) error {
	if err := connect(); err != nil {
		return fmt.Errorf("charge of order %d failed: %w", order, err)
	}
	return nil
}

// ChargeWithStack fails with an error that knows where it was made.
func ChargeWithStack(order int) error {
	return pkgerrors.Wrapf(connectWithStack(), "charge of order %d failed", order)
}

func connect() error { return ErrTimeout }

func connectWithStack() error {
	return pkgerrors.New("connect to card-gateway:443 timed out")
}
