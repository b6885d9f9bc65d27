package io.jenkins.plugins.cvmfs.notify.proxy.http;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A feed whose state is a text that the test sets: {@code /feed}. */
final class TestFeed implements StatusStream {

    private String state = "first";
    private @Nullable String change;
    private Runnable before = () -> {};
    private int status = 200;

    void become(String next) {
        state = next;
        change = next;
    }

    /** Before the next GET is answered, this happens. */
    void beforeAnswer(Runnable event) {
        before = event;
    }

    void answerWith(int nextStatus) {
        status = nextStatus;
    }

    @Override
    public boolean serves(String path) {
        return path.equals("/feed");
    }

    @Override
    public EndpointReply get(EndpointRequest request) {
        before.run();
        return new EndpointReply(status, "text/plain", state);
    }

    @Override
    public String whole() {
        return state;
    }

    @Override
    public Optional<String> changes() {
        Optional<String> news = Optional.ofNullable(change);
        change = null;
        return news;
    }
}
