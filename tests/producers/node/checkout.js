// The part of a service that fails: real errors with real stacks, the same for every logger.

export class PaymentError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'PaymentError';
  }
}

function connect(host) {
  const error = new Error(`connection to ${host} timed out`);
  error.code = 'ETIMEDOUT';
  throw error;
}

export function charge(orderId) {
  try {
    connect('payments');
  } catch (cause) {
    throw new PaymentError(`payment of order ${orderId} failed`, { cause });
  }
}

export function readTotal(order) {
  return order.total.amount;
}

export async function later(action, ...args) {
  await null;
  return action(...args);
}

// The error an action ends with, as a service would catch it.
export async function failure(action, ...args) {
  try {
    await later(action, ...args);
  } catch (error) {
    return error;
  }
  throw new Error(`${action.name} did not fail`);
}
