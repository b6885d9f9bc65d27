package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/** How the values of a key are read, checked and shown. */
interface ValueType<T> {

    /**
     * Reads a value, without looking at its range.
     *
     * @throws InvalidInputException if it is of another kind; the message begins with the value
     */
    T read(RawValue raw);

    /**
     * Checks the range.
     *
     * @throws InvalidInputException if the value is out of it; the message begins with the value and names the limit
     */
    void check(T value);

    /** The value as the file would hold it: a {@code String}, {@code Boolean}, {@code Integer} or {@code Long}. */
    Object show(T value);
}
