package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.time.Duration;

/**
 * Notices that the other side has fallen silent: asks it for a sign of life at regular times, and if nothing was heard from one
 * time to the next takes it for dead. A connection whose other end has vanished looks just like one where nothing happens.
 */
final class IdleMonitor {

    private final Timer timer;
    private final Duration interval;
    private final Runnable probe;
    private final Runnable dead;
    private boolean heard = true;
    private boolean stopped;
    private Timer.Alarm alarm = () -> {};

    /**
     * @param probe asks for a sign of life; must not block
     * @param dead called once, when none came; must not block
     */
    IdleMonitor(Timer timer, Duration interval, Runnable probe, Runnable dead) {
        this.timer = timer;
        this.interval = interval;
        this.probe = probe;
        this.dead = dead;
    }

    /** Begins to watch. */
    synchronized void start() {
        if (!stopped) {
            alarm = timer.after(interval, this::tick);
        }
    }

    /** The other side lives: something came from it. */
    synchronized void heard() {
        heard = true;
    }

    /** Ends for good. */
    synchronized void stop() {
        stopped = true;
        alarm.cancel();
    }

    private void tick() {
        if (isAlive()) {
            probe.run();
        } else {
            dead.run();
        }
    }

    /** Whether it goes on. */
    private synchronized boolean isAlive() {
        boolean alive = heard;
        heard = false;
        if (alive) {
            start();
        } else {
            stopped = true;
        }
        return alive;
    }
}
