package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

/**
 * Where an announcement stands in the activity log; also the event id of server-sent events, as {@code epoch:offset}.
 *
 * @param epoch names the log: offsets of different epochs cannot be compared. Lower-case letters and digits, at most 32
 * @param offset grows by at least one with each announcement of the epoch
 */
public record LogPosition(String epoch, long offset) {

    @Override
    public String toString() {
        return epoch + ":" + offset;
    }
}
