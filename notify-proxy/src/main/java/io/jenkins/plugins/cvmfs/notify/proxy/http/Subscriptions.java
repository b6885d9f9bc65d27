package io.jenkins.plugins.cvmfs.notify.proxy.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.SubscriberRights;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ResumePoint;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.SubscribeResult;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Subscriber;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.WireFormat;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What all kinds of subscribers need: a place in the fan-out, a log that follows the repository, limits and metrics. */
record Subscriptions(
        FanOut fanOut,
        PublishService admission,
        LimitsConfig limits,
        HttpMetrics metrics,
        SubscribeMessageCache reader) {

    Subscriber subscriber(Channel channel, WireFormat format) {
        return fanOut.subscriber(channel, format);
    }

    /** Whether a new subscriber to all of these repositories would be taken. */
    boolean haveRoomFor(List<RepositoryName> repositories, SubscriberRights rights) {
        return fanOut.hasRoomForSubscriber(repositories, rights::holder);
    }

    /** Subscribes on the subscriber's event loop; the last announcement goes out before this returns. */
    SubscribeResult subscribe(
            Subscriber subscriber, RepositoryName repository, ResumePoint resume, SubscriberRights rights) {
        SubscribeResult result = subscriber.subscribe(
                repository, resume, limits.maxSubscriptionsPerConnection(), rights.holder(repository));
        if (result == SubscribeResult.SUBSCRIBED) {
            admission.follow(repository);
        } else {
            metrics.subscriptionRefused(reason(result));
        }
        return result;
    }

    /** Counts a subscription that its rights do not allow. */
    void denied(Denied denied) {
        metrics.subscriptionRefused(denied.reason().word());
    }

    /**
     * Returns the JSON that refuses a subscription for want of a right, the same in an HTTP body and in a WebSocket frame.
     *
     * @param repository the one refused; null if the credentials are refused whatever they ask for
     */
    static String refusal(Denied denied, @Nullable RepositoryName repository) {
        return refusal(denied.reason().word(), repository)
                .put("right", "subscribe")
                .put("detail", denied.detail())
                .toString();
    }

    /** Returns the JSON of a WebSocket frame that refuses one of the connection's subscriptions because of a limit. */
    static String refusal(SubscribeResult limit, RepositoryName repository) {
        return refusal(reason(limit), repository).toString();
    }

    private static ObjectNode refusal(String reason, @Nullable RepositoryName repository) {
        ObjectNode json =
                JsonNodeFactory.instance.objectNode().put("reason", reason).put("status", "error");
        return repository == null ? json : json.put("repository", repository.value());
    }

    /** The word by which clients and metrics know a refusal. */
    static String reason(SubscribeResult refusal) {
        return refusal.name().toLowerCase(Locale.ROOT);
    }
}
