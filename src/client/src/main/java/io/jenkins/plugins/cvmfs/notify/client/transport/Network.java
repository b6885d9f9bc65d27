package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.net.http.HttpClient;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * How this process reaches servers: the HTTP proxy, TLS, and the few threads that all readers, publishers and subscribers made
 * here share. One for a whole process is enough; whoever made it closes it, last.
 *
 * <p>Thread-safe.
 */
public final class Network implements AutoCloseable {

    private static final int THREADS = 4;
    private static final int WAITING_TASKS = 10_000;

    private final SystemTimer timer = new SystemTimer();
    private final OpenFutures open = new OpenFutures();
    private final ThreadPoolExecutor files = threads("files", new ThreadPoolExecutor.AbortPolicy());
    /** Its tasks never block. If too many wait, the thread that brings one runs it, and so brings fewer. */
    private final ThreadPoolExecutor http = threads("http", new ThreadPoolExecutor.CallerRunsPolicy());

    private final HttpSender client;
    private final JettyClient webSockets;
    private final RepositoryReader repositoryReader;
    private final Set<NotificationSubscriber> subscribers = ConcurrentHashMap.newKeySet();

    Network(NetworkBuilder settings) {
        HttpClient httpClient = settings.httpClient(http);
        this.client = new HttpSender(httpClient, settings.userAgent());
        this.webSockets = new JettyClient(httpClient, settings.userAgent());
        this.repositoryReader = new RetryingRepositoryReader(
                new HttpRepository(client, timer), new FolderRepository(files), timer, settings.readTimeLimit(), open);
    }

    /** The JDK's default proxy selector and TLS settings, if nothing else is set. */
    public static NetworkBuilder builder() {
        return new NetworkBuilder();
    }

    private static ThreadPoolExecutor threads(String role, RejectedExecutionHandler whenFull) {
        BlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>(WAITING_TASKS);
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, waiting, new NamedThreads(role), whenFull);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Reads repositories; always the same one. */
    public RepositoryReader repositoryReader() {
        return repositoryReader;
    }

    /** A publisher to one server. */
    public NotificationPublisher publisher(PublisherSettings settings) {
        return new HttpPublisher(client, timer, settings, open);
    }

    /**
     * A subscriber to one server; it connects with the first repository.
     *
     * @param listener called on the subscriber's own thread
     */
    public NotificationSubscriber subscriber(SubscriberSettings settings, SubscriptionListener listener) {
        NotificationSubscriber subscriber = new ReconnectingSubscriber(
                settings,
                SubscriberDiallers.of(settings, client, webSockets, timer),
                timer,
                listener,
                subscribers::remove);
        subscribers.add(subscriber);
        return subscriber;
    }

    /** Ends everything that was made here: subscribers are closed, futures that are not done are cancelled. Twice is fine. */
    @Override
    public void close() {
        List.copyOf(subscribers).forEach(NotificationSubscriber::close);
        webSockets.close();
        open.close();
        timer.close();
        files.shutdownNow();
        http.shutdown();
    }
}
