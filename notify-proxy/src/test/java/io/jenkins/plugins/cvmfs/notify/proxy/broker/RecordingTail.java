package io.jenkins.plugins.cvmfs.notify.proxy.broker;

import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ActivityTail;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Announcement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps everything that a log delivers, in order. */
public final class RecordingTail implements ActivityTail {

    private final List<Announcement> delivered = new CopyOnWriteArrayList<>();

    @Override
    public void delivered(Announcement announcement) {
        delivered.add(announcement);
    }

    public List<Announcement> announcements() {
        return List.copyOf(delivered);
    }

    /** Each delivery as {@code NAME revision N}. */
    public List<String> texts() {
        return delivered.stream().map(a -> a.message().toString()).toList();
    }

    /** The last delivery of a repository, as {@code NAME revision N}. */
    public Optional<String> last(String repository) {
        return texts().stream()
                .filter(text -> text.startsWith(repository + " "))
                .reduce((earlier, later) -> later);
    }
}
