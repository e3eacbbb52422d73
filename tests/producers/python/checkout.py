"""The part of a service that fails: real exceptions with real tracebacks, the same for every logger."""


class PaymentError(Exception):
    """What the service makes of a failure further down."""


def connect(host):
    raise ConnectionError(f"connection to {host} timed out")


def charge(order_id):
    try:
        connect("payments")
    except ConnectionError as error:
        raise PaymentError(f"payment of order {order_id} failed") from error


def refund(order_id):
    try:
        return {}[order_id]
    except KeyError:
        return int("not a number")


def settle(order_id):
    try:
        charge(order_id)
    except PaymentError as error:
        raise RuntimeError("settlement stopped\nretry by hand") from error


def failure(action, *arguments):
    """The exception an action ends with, as a service would catch it."""
    try:
        action(*arguments)
    except Exception as error:
        return error
    raise AssertionError(f"{action} did not fail")
