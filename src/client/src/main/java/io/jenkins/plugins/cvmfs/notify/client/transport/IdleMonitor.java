package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.time.Duration;

/**
 * Detects an unresponsive server: probes it at regular intervals, and reports it when nothing arrived for a whole interval. A connection
 * whose other end has vanished looks like one on which nothing happens.
 */
final class IdleMonitor {

    private final Timer timer;
    private final Duration interval;
    private final Runnable probe;
    private final Runnable unresponsive;
    private boolean isActive = true;
    private boolean isStopped;
    private Timer.Alarm alarm = () -> {};

    /**
     * @param probe asks the server for an answer; must not block
     * @param unresponsive called once; must not block
     */
    IdleMonitor(Timer timer, Duration interval, Runnable probe, Runnable unresponsive) {
        this.timer = timer;
        this.interval = interval;
        this.probe = probe;
        this.unresponsive = unresponsive;
    }

    synchronized void start() {
        if (!isStopped) {
            alarm = timer.after(interval, this::tick);
        }
    }

    /** Something arrived from the server. */
    synchronized void active() {
        isActive = true;
    }

    /** Stops; cannot be started again. */
    synchronized void stop() {
        isStopped = true;
        alarm.cancel();
    }

    private void tick() {
        boolean wasActive;
        synchronized (this) {
            wasActive = isActive;
            isActive = false;
            if (wasActive) {
                start();
            } else {
                isStopped = true;
            }
        }
        if (wasActive) {
            probe.run();
        } else {
            unresponsive.run();
        }
    }
}
