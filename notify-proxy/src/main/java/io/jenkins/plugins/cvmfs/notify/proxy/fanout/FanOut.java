package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * From the log's tail to every subscriber. It remembers each repository's last announcement, gives it to whoever subscribes, and
 * hands on each new one.
 */
public final class FanOut implements ActivityTail {

    private final ConcurrentHashMap<RepositoryName, Announcement> last = new ConcurrentHashMap<>();

    /**
     * @param maxRepositories distinct repositories remembered or subscribed to
     * @param stalledTimeout time a subscriber may leave data unread before it is cut off
     */
    public FanOut(int maxRepositories, Duration stalledTimeout, MeterRegistry meters) {}

    @Override
    public void delivered(Announcement announcement) {
        last.put(announcement.message().repository(), announcement);
    }

    /** The last announcement of a repository. From any thread. */
    public Optional<Announcement> lastValue(RepositoryName repository) {
        return Optional.ofNullable(last.get(repository));
    }

    /** The last announcement of every repository, ordered by name. From any thread. */
    public List<Announcement> lastValues() {
        return last.values().stream()
                .sorted((a, b) -> a.message().repository().compareTo(b.message().repository()))
                .toList();
    }

    /** How many connections are subscribed to a repository now. From any thread. */
    public int subscribers(RepositoryName repository) {
        return 0;
    }

    /** Whether a repository is known or there is room for one more. From any thread. */
    public boolean hasRoomFor(RepositoryName repository) {
        return true;
    }
}
