package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * As many event streams as the repositories need. The first shows which style the server takes; the others follow it. When one
 * ends, all end, and the whole is connected again.
 */
final class EventStreamChannel implements SubscriberChannel, SubscribedStream.Owner {

    /** Repositories that are subscribed within this time share one request. */
    private static final Duration GATHERING = Duration.ofMillis(50);

    /** The gateway's answer to a request without a body. */
    private static final int NO_SUCH_STYLE = 400;

    private final EventStreamDialler dialler;
    private final Timer timer;
    private final Events events;
    /** What this channel is to bring. */
    private final Set<RepositoryName> wanted = new LinkedHashSet<>();

    /** Wanted since the channel was opened, and on no stream yet. */
    private final Set<RepositoryName> gathered = new LinkedHashSet<>();

    /** All that have been asked for and have not ended. */
    private final List<SubscribedStream> streams = new ArrayList<>();

    /** To be asked for once the first is accepted. */
    private List<SubscribedStream> later = List.of();

    private StreamStyle style = StreamStyle.QUERY;
    private boolean isOpened;
    private boolean isReady;
    private boolean isEnded;
    private Timer.@Nullable Alarm gathering;

    EventStreamChannel(EventStreamDialler dialler, Timer timer, Events events) {
        this.dialler = dialler;
        this.timer = timer;
        this.events = events;
    }

    @Override
    public void open(Collection<RepositoryName> repositories) {
        List<SubscribedStream> first;
        synchronized (this) {
            wanted.addAll(repositories);
            first = begin();
        }
        askFirst(first);
    }

    /** The first stream alone: whether and how the others are asked for depends on it. */
    private List<SubscribedStream> begin() {
        gathered.clear();
        List<SubscribedStream> all = planned(wanted);
        List<SubscribedStream> first = all.subList(0, Math.min(1, all.size()));
        later = all.subList(first.size(), all.size());
        streams.addAll(first);
        return first;
    }

    private List<SubscribedStream> planned(Collection<RepositoryName> repositories) {
        List<SubscribedStream> plan = new ArrayList<>();
        dialler.byLastEventId(repositories).forEach((id, names) -> {
            for (int from = 0; from < names.size(); from += style.mostRepositories()) {
                List<RepositoryName> some =
                        names.subList(from, Math.min(names.size(), from + style.mostRepositories()));
                plan.add(new SubscribedStream(some, id.isEmpty() ? null : id, style, timer, this));
            }
        });
        return plan;
    }

    /** With nothing to ask for, because all was unsubscribed meanwhile, the channel waits for something. */
    private void askFirst(List<SubscribedStream> first) {
        if (first.isEmpty()) {
            opened();
        } else {
            ask(first);
        }
    }

    private void opened() {
        synchronized (this) {
            isOpened = true;
        }
        events.opened();
        ask(ready());
    }

    private void ask(List<SubscribedStream> asked) {
        for (SubscribedStream stream : asked) {
            stream.repositories().forEach(events::asking);
            try {
                dialler.open(stream);
            } catch (RuntimeException e) {
                stream.ended(0, HttpErrors.of(dialler.connection().url().toString(), e));
            }
        }
    }

    @Override
    public void accepted(SubscribedStream stream) {
        boolean isFirst;
        synchronized (this) {
            if (isEnded || !streams.contains(stream)) {
                return;
            }
            isFirst = !isOpened;
            isOpened = true;
        }
        if (isFirst) {
            events.opened();
        }
        stream.repositories().forEach(events::subscribed);
        if (isFirst) {
            ask(ready());
        }
    }

    private synchronized List<SubscribedStream> ready() {
        isReady = true;
        if (!gathered.isEmpty()) {
            gathering = timer.after(GATHERING, this::askForGathered);
        }
        streams.addAll(later);
        return later;
    }

    @Override
    public void received(SubscribedStream stream, byte[] message) {
        events.received(message, stream.style() == StreamStyle.BODY);
    }

    @Override
    public synchronized void subscribe(RepositoryName repository) {
        wanted.add(repository);
        gathered.add(repository);
        if (isReady && gathering == null) {
            gathering = timer.after(GATHERING, this::askForGathered);
        }
    }

    /** Also asks anew for what is on a stream that has room, so that streams do not become many. */
    private void askForGathered() {
        List<SubscribedStream> replaced;
        List<SubscribedStream> asked;
        synchronized (this) {
            gathering = null;
            if (isEnded || gathered.isEmpty()) {
                return;
            }
            replaced = replaced();
            replaced.forEach(stream -> gathered.addAll(stream.repositories()));
            gathered.retainAll(wanted);
            gathered.forEach(dialler::forget);
            asked = planned(gathered);
            gathered.clear();
            streams.removeAll(replaced);
            streams.addAll(asked);
        }
        replaced.forEach(SubscribedStream::close);
        ask(asked);
    }

    /** The streams that already have one of the gathered, and one that has room. */
    private List<SubscribedStream> replaced() {
        Stream<SubscribedStream> same =
                streams.stream().filter(stream -> stream.repositories().stream().anyMatch(gathered::contains));
        Stream<SubscribedStream> roomy = streams.stream()
                .filter(stream -> stream.repositories().size() < style.mostRepositories())
                .limit(1);
        return Stream.concat(same, roomy).distinct().toList();
    }

    @Override
    public void unsubscribe(RepositoryName repository) {
        List<SubscribedStream> idle;
        synchronized (this) {
            wanted.remove(repository);
            gathered.remove(repository);
            idle = isReady ? streams.stream().filter(this::isIdle).toList() : List.of();
            streams.removeAll(idle);
        }
        dialler.forget(repository);
        idle.forEach(SubscribedStream::close);
    }

    private boolean isIdle(SubscribedStream stream) {
        return stream.repositories().stream().noneMatch(wanted::contains);
    }

    @Override
    public void ended(SubscribedStream stream, int status, NotifyException cause) {
        List<SubscribedStream> first = List.of();
        boolean isOtherStyle;
        synchronized (this) {
            if (isEnded || !streams.remove(stream)) {
                return;
            }
            isOtherStyle = !isOpened && style == StreamStyle.QUERY && status == NO_SUCH_STYLE;
            if (isOtherStyle) {
                style = StreamStyle.BODY;
                first = begin();
            } else {
                dialler.remember(stream, wanted);
            }
        }
        if (isOtherStyle) {
            askFirst(first);
        } else if (stop()) {
            events.ended(cause);
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** Whether this was the first call. */
    private boolean stop() {
        List<SubscribedStream> open;
        synchronized (this) {
            if (isEnded) {
                return false;
            }
            isEnded = true;
            open = List.copyOf(streams);
            streams.clear();
            open.forEach(stream -> dialler.remember(stream, wanted));
            if (gathering != null) {
                gathering.cancel();
            }
        }
        open.forEach(SubscribedStream::close);
        return true;
    }
}
