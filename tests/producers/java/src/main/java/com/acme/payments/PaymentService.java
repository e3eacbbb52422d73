package com.acme.payments;

import java.net.SocketTimeoutException;

/** Business code that fails the way business code does: a cause below, wrapped where it means something. */
final class PaymentService {
    private PaymentService() {}

    static void charge(int order) {
        try {
            connect("card-gateway:443");
        } catch (SocketTimeoutException cause) {
            throw new IllegalStateException("charge of order " + order + " failed", cause);
        }
    }

    private static void connect(String address) throws SocketTimeoutException {
        throw new SocketTimeoutException("connect to " + address + " timed out");
    }
}
