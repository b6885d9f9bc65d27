package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.SubscribeMessage;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * As many event streams as the repositories need. The first finds out which style of request the server understands; the others follow.
 * When one ends, all end.
 */
final class EventStreamChannel implements SubscriberChannel {

    /** Repositories subscribed within this time share one request. */
    private static final Duration GATHERING = Duration.ofMillis(50);

    /** The gateway's answer to a request without a body. */
    private static final int STYLE_UNKNOWN = 400;

    /** Where a request names its repositories. */
    enum Style {
        /** In {@code ?repository=A&repository=B}: notify-proxy. Events have ids, and comments show that the server is alive. */
        QUERY(64),
        /** In a JSON body, one repository: the gateway, which repeats its last message to all at each subscription. */
        BODY(1);

        /** 64 names make a URL of at most 5 KB, which every server accepts. */
        private final int mostRepositories;

        Style(int mostRepositories) {
            this.mostRepositories = mostRepositories;
        }
    }

    private final HttpSender client;
    private final URI url;
    private final TokenSource token;
    private final Timer timer;
    private final Map<RepositoryName, String> lastEventIds;
    private final Events events;

    private final Set<RepositoryName> wanted = new LinkedHashSet<>();

    /** Wanted since the channel was opened, and on no stream yet. */
    private final Set<RepositoryName> gathered = new LinkedHashSet<>();

    /** All that were requested and have not ended. */
    private final List<SubscribedStream> streams = new ArrayList<>();

    /** Requested once the first is accepted. */
    private List<SubscribedStream> later = List.of();

    private Style style = Style.QUERY;
    private boolean isOpened;
    private boolean isReady;
    private boolean isEnded;
    private Timer.@Nullable Alarm gathering;

    /**
     * @param lastEventIds the id of the last event on the stream of each repository, so that a new channel continues where the last one
     *     of this subscriber ended; thread-safe
     */
    EventStreamChannel(
            HttpSender client,
            URI url,
            TokenSource token,
            Timer timer,
            Map<RepositoryName, String> lastEventIds,
            Events events) {
        this.client = client;
        this.url = url;
        this.token = token;
        this.timer = timer;
        this.lastEventIds = lastEventIds;
        this.events = events;
    }

    @Override
    public void open(Collection<RepositoryName> repositories) {
        List<SubscribedStream> first;
        synchronized (this) {
            if (isEnded) {
                return;
            }
            wanted.addAll(repositories);
            first = first();
        }
        requestFirst(first);
    }

    /** Plans all streams. Returns the first, alone: its answer decides whether and how the others are requested. */
    private List<SubscribedStream> first() {
        gathered.clear();
        List<SubscribedStream> all = planned(wanted);
        List<SubscribedStream> first = all.subList(0, Math.min(1, all.size()));
        later = all.subList(first.size(), all.size());
        streams.addAll(first);
        return first;
    }

    private List<SubscribedStream> planned(Collection<RepositoryName> repositories) {
        List<SubscribedStream> plan = new ArrayList<>();
        Map<String, List<RepositoryName>> byLastEventId =
                repositories.stream().collect(Collectors.groupingBy(name -> lastEventIds.getOrDefault(name, "")));
        byLastEventId.forEach((id, names) -> {
            for (int from = 0; from < names.size(); from += style.mostRepositories) {
                List<RepositoryName> some = names.subList(from, Math.min(names.size(), from + style.mostRepositories));
                plan.add(new SubscribedStream(some, id.isEmpty() ? null : id, style, timer, this));
            }
        });
        return plan;
    }

    /** Without a stream, because everything was unsubscribed meanwhile, the channel waits for a subscription. */
    private void requestFirst(List<SubscribedStream> first) {
        if (first.isEmpty()) {
            synchronized (this) {
                isOpened = true;
            }
            events.opened();
            request(ready());
        } else {
            request(first);
        }
    }

    private void request(List<SubscribedStream> requested) {
        for (SubscribedStream stream : requested) {
            stream.repositories().forEach(events::asking);
            try {
                stream.open(client, httpRequest(stream));
            } catch (RuntimeException e) {
                stream.ended(0, HttpErrors.of(url.toString(), e));
            }
        }
    }

    private HttpRequest httpRequest(SubscribedStream stream) {
        HttpRequest.Builder request;
        if (stream.style() == Style.QUERY) {
            // Names have no character that must be escaped.
            request = client.request(
                            URI.create(stream.repositories().stream()
                                    .map(name -> "repository=" + name)
                                    .collect(Collectors.joining("&", url + (url.getQuery() == null ? "?" : "&"), ""))),
                            token)
                    .GET();
        } else {
            byte[] body = new SubscribeMessage(stream.repositories().get(0)).toBytes();
            request = client.request(url, token).method("GET", HttpRequest.BodyPublishers.ofByteArray(body));
        }
        request.header("Accept", "text/event-stream");
        String lastEventId = stream.lastEventId();
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        return request.build();
    }

    /** The server accepted the stream's repositories. */
    void accepted(SubscribedStream stream) {
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
            request(ready());
        }
    }

    private synchronized List<SubscribedStream> ready() {
        if (isEnded) {
            return List.of();
        }
        isReady = true;
        if (!gathered.isEmpty()) {
            gathering = timer.after(GATHERING, this::requestGathered);
        }
        streams.addAll(later);
        return later;
    }

    /** A message arrived on the stream. */
    void received(SubscribedStream stream, byte[] message) {
        events.received(message, stream.style() == Style.BODY);
    }

    @Override
    public synchronized void subscribe(RepositoryName repository) {
        wanted.add(repository);
        gathered.add(repository);
        if (isReady && gathering == null) {
            gathering = timer.after(GATHERING, this::requestGathered);
        }
    }

    /** Also replaces a stream that has room, so that streams do not become many. */
    private void requestGathered() {
        List<SubscribedStream> replaced;
        List<SubscribedStream> requested;
        synchronized (this) {
            gathering = null;
            if (isEnded || gathered.isEmpty()) {
                return;
            }
            replaced = replaced();
            replaced.forEach(stream -> gathered.addAll(stream.repositories()));
            gathered.retainAll(wanted);
            gathered.forEach(lastEventIds::remove);
            requested = planned(gathered);
            gathered.clear();
            streams.removeAll(replaced);
            streams.addAll(requested);
        }
        replaced.forEach(SubscribedStream::close);
        request(requested);
    }

    /** Returns the streams that have a gathered repository already, and one that has room. */
    private List<SubscribedStream> replaced() {
        Stream<SubscribedStream> same =
                streams.stream().filter(stream -> stream.repositories().stream().anyMatch(gathered::contains));
        Stream<SubscribedStream> roomy = streams.stream()
                .filter(stream -> stream.repositories().size() < style.mostRepositories)
                .limit(1);
        return Stream.concat(same, roomy).distinct().toList();
    }

    @Override
    public void unsubscribe(RepositoryName repository) {
        List<SubscribedStream> unused;
        synchronized (this) {
            wanted.remove(repository);
            gathered.remove(repository);
            unused = isReady
                    ? streams.stream()
                            .filter(stream -> stream.repositories().stream().noneMatch(wanted::contains))
                            .toList()
                    : List.of();
            streams.removeAll(unused);
        }
        unused.forEach(SubscribedStream::close);
    }

    /**
     * The stream ended.
     *
     * @param status the answer's status, 0 if there was none
     */
    void ended(SubscribedStream stream, int status, NotifyException cause) {
        List<SubscribedStream> first = List.of();
        boolean isOtherStyle;
        synchronized (this) {
            if (isEnded || !streams.remove(stream)) {
                return;
            }
            isOtherStyle = !isOpened && style == Style.QUERY && status == STYLE_UNKNOWN;
            if (isOtherStyle) {
                style = Style.BODY;
                first = first();
            } else {
                remember(stream);
            }
        }
        if (isOtherStyle) {
            requestFirst(first);
        } else if (stop()) {
            events.ended(cause);
        }
    }

    /** Keeps, for the wanted repositories, the id after which the next channel continues. */
    private void remember(SubscribedStream stream) {
        String id = stream.lastEventId();
        for (RepositoryName name : stream.repositories()) {
            if (id != null && wanted.contains(name)) {
                lastEventIds.put(name, id);
            } else {
                lastEventIds.remove(name);
            }
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** Returns true for the first call. */
    private boolean stop() {
        List<SubscribedStream> open;
        synchronized (this) {
            if (isEnded) {
                return false;
            }
            isEnded = true;
            open = List.copyOf(streams);
            streams.clear();
            open.forEach(this::remember);
            if (gathering != null) {
                gathering.cancel();
            }
        }
        open.forEach(SubscribedStream::close);
        return true;
    }
}
