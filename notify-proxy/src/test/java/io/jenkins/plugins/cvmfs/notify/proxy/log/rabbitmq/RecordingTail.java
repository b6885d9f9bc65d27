package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** Keeps everything that a log delivers, in order, with the positions that are known now. */
public final class RecordingTail implements LogListener {

    private final List<Announcement> delivered = new CopyOnWriteArrayList<>();
    private final List<LogPosition> located = new CopyOnWriteArrayList<>();
    private final List<RepositoryName> forgotten = new CopyOnWriteArrayList<>();
    private volatile Predicate<RepositoryName> awaited = repository -> true;

    @Override
    public void delivered(Announcement announcement) {
        delivered.add(announcement);
    }

    @Override
    public void located(Announcement announcement) {
        located.add(announcement.position());
        delivered.replaceAll(each -> each.message() == announcement.message() ? announcement : each);
    }

    /** Positions that became known after the delivery, in order. */
    public List<LogPosition> located() {
        return List.copyOf(located);
    }

    @Override
    public void forgotten(RepositoryName repository) {
        forgotten.add(repository);
    }

    /** The repositories whose last announcement the log has forgotten, in order. */
    public List<RepositoryName> forgotten() {
        return List.copyOf(forgotten);
    }

    /** Awaits everything, unless the test says otherwise. */
    @Override
    public boolean awaits(RepositoryName repository) {
        return awaited.test(repository);
    }

    /** From now on awaits only these. */
    public void awaitOnly(Predicate<RepositoryName> repositories) {
        awaited = repositories;
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
