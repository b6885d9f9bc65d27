package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.SubscribeMessage;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Makes event-stream channels, and remembers from one to the next which event each repository's stream has brought last. */
final class EventStreamDialler implements SubscriberChannel.Dialler {

    private final HttpSender client;
    private final URI url;
    private final TokenSource token;
    private final Timer timer;
    private final Map<RepositoryName, String> lastEventIds = new ConcurrentHashMap<>();

    EventStreamDialler(HttpSender client, URI url, TokenSource token, Timer timer) {
        this.client = client;
        this.url = url;
        this.token = token;
        this.timer = timer;
    }

    @Override
    public SubscriberChannel dial(SubscriberChannel.Events events) {
        return new EventStreamChannel(this, timer, events);
    }

    @Override
    public SubscriptionListener.Connection connection() {
        return new SubscriptionListener.Connection(url, SubscriberSettings.Protocol.EVENT_STREAM);
    }

    /** Opens the stream. */
    void open(SubscribedStream stream) {
        stream.open(client, request(stream));
    }

    private HttpRequest request(SubscribedStream stream) {
        HttpRequest.Builder request = stream.style() == StreamStyle.QUERY
                ? client.request(withQuery(stream.repositories())).GET()
                : client.request(url).method("GET", body(stream.repositories().get(0)));
        request.header("Accept", "text/event-stream");
        stream.lastEventId().ifPresent(id -> request.header("Last-Event-ID", id));
        HttpSender.bearer(token).ifPresent(value -> request.header(HttpSender.AUTHORIZATION, value));
        return request.build();
    }

    /** Names have no character that would need to be escaped. */
    private URI withQuery(List<RepositoryName> repositories) {
        return URI.create(url
                + repositories.stream().map(name -> "repository=" + name).collect(Collectors.joining("&", "?", "")));
    }

    private static HttpRequest.BodyPublisher body(RepositoryName repository) {
        return HttpRequest.BodyPublishers.ofByteArray(new SubscribeMessage(repository).toBytes());
    }

    /** The repositories by the event last heard on the stream they shared; under the empty text those without. */
    Map<String, List<RepositoryName>> byLastEventId(Collection<RepositoryName> repositories) {
        return repositories.stream().collect(Collectors.groupingBy(name -> lastEventIds.getOrDefault(name, "")));
    }

    /** Keeps, for these of its repositories, what the next channel needs to go on where this stream ends. */
    void remember(SubscribedStream stream, Set<RepositoryName> wanted) {
        stream.repositories().forEach(lastEventIds::remove);
        stream.lastEventId()
                .ifPresent(id -> stream.repositories().stream()
                        .filter(wanted::contains)
                        .forEach(name -> lastEventIds.put(name, id)));
    }

    /** Whatever comes of this repository from now on is new. */
    void forget(RepositoryName repository) {
        lastEventIds.remove(repository);
    }
}
