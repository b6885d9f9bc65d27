package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.time.Duration;

/** Where a {@link Reconnector} stands. Its moves: idle → connecting → connected → failed → pausing → connecting or idle;
 * connecting → failed; any → closed. */
sealed interface ConnectionState {

    /** Nothing to connect for. */
    record Idle() implements ConnectionState {}

    /**
     * A channel is being opened.
     *
     * @param limit goes off when that takes too long
     */
    record Connecting(Reconnector.Link link, Timer.Alarm limit) implements ConnectionState {}

    /**
     * A channel stands.
     *
     * @param since by the timer's uptime
     */
    record Connected(Reconnector.Link link, Duration since) implements ConnectionState {}

    /** The channel has ended, and the listener is being told. */
    record Failed(Reconnector.Link link) implements ConnectionState {}

    /** Waits before the next attempt. */
    record Pausing(Timer.Alarm pause) implements ConnectionState {}

    /** For good. */
    record Closed() implements ConnectionState {}
}
