package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.HandMovedThread;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhook.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A receiver that answers when the test says so, the oldest message first; or at once. */
final class ScriptedReceiver implements WebhookClient {

    static final Answer OK = new Answer(204, Duration.ZERO);
    static final Answer BROKEN = new Answer(500, Duration.ZERO);

    final List<Message> messages = new ArrayList<>();
    final List<String> told = new ArrayList<>();
    boolean isDown;
    boolean accepts;
    String refused = "";

    private final List<CompletableFuture<Answer>> open = new ArrayList<>();
    private final HandMovedThread thread;

    ScriptedReceiver(HandMovedThread thread) {
        this.thread = thread;
    }

    @Override
    public CompletableFuture<Answer> send(Message message) {
        messages.add(message);
        JsonNode data = event(message).path("data");
        String what =
                data.path("repository").asText() + " " + data.path("revision").asInt();
        told.add(what);
        if (isDown) {
            return CompletableFuture.failedFuture(new ConnectException("refused"));
        }
        if (accepts) {
            return CompletableFuture.completedFuture(!refused.isEmpty() && what.startsWith(refused) ? BROKEN : OK);
        }
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        open.add(answer);
        return answer;
    }

    private static JsonNode event(Message message) {
        try {
            return new JsonMapper().readTree(message.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> ids() {
        return messages.stream()
                .map(message -> message.headers().getOrDefault("webhook-id", ""))
                .toList();
    }

    /** Returns type and id of the CloudEvents, each once. */
    List<String> eventIds() {
        return messages.stream()
                .map(ScriptedReceiver::event)
                .map(event ->
                        event.path("type").asText() + " " + event.path("id").asText())
                .distinct()
                .toList();
    }

    void answer(Answer answer) {
        open.remove(0).complete(answer);
        thread.run();
    }

    /** All that are under way. */
    void fail(Exception failure) {
        List<CompletableFuture<Answer>> failing = List.copyOf(open);
        open.clear();
        failing.forEach(it -> it.completeExceptionally(failure));
        thread.run();
    }

    @Override
    public void close() {}
}
