package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Takes in an answer up to a number of bytes. Of an answer with status 200 that is longer nothing is kept; of another, which
 * is there to explain an error, the beginning is enough.
 */
final class LimitedBody implements HttpResponse.BodySubscriber<byte[]> {

    /** How much of an error's explanation is read, in bytes. */
    private static final int EXPLANATION_BYTES = 4 * 1024;

    private final String source;
    private final int maxBytes;
    private final boolean isExplanation;
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    private LimitedBody(String source, int maxBytes, boolean isExplanation) {
        this.source = source;
        this.maxBytes = maxBytes;
        this.isExplanation = isExplanation;
    }

    /**
     * @param maxBytes the longest good answer
     * @param source where it comes from, for messages
     */
    static HttpResponse.BodyHandler<byte[]> upTo(int maxBytes, URI source) {
        return info -> info.statusCode() == 200 ? new LimitedBody(source.toString(), maxBytes, false) : explanation();
    }

    /** The beginning of an answer that only explains something. */
    static LimitedBody explanation() {
        return new LimitedBody("", EXPLANATION_BYTES, true);
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            byte[] bytes = new byte[Math.min(buffer.remaining(), maxBytes - taken.size())];
            boolean tooLong = buffer.remaining() > bytes.length;
            buffer.get(bytes);
            taken.writeBytes(bytes);
            if (tooLong) {
                stop();
                return;
            }
        }
    }

    private void stop() {
        if (subscription != null) {
            subscription.cancel();
        }
        if (isExplanation) {
            onComplete();
        } else {
            onError(new InvalidInputException(
                    "%s: longer than the %d bytes that are allowed".formatted(source, maxBytes)));
        }
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        body.complete(taken.toByteArray());
    }
}
