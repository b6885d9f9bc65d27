package io.jenkins.plugins.cvmfs.notify.proxy.log.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class UpstreamPublishesTest {

    private final UpstreamPublishes publishes = new UpstreamPublishes();

    /** The requests that were sent, in order. */
    private final Map<String, CompletableFuture<Void>> sent = new LinkedHashMap<>();

    private CompletableFuture<Void> publish(String repository, String name) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        publishes.add(new RepositoryName(repository), answer, () -> {
            CompletableFuture<Void> request = new CompletableFuture<>();
            sent.put(name, request);
            return request;
        });
        return answer;
    }

    @Test
    void publishesOfOneRepositoryAreSentOneAfterTheOther() {
        publish("a.example.org", "a1");
        publish("a.example.org", "a2");
        publish("b.example.org", "b1");
        assertThat(sent).containsOnlyKeys("a1", "b1");

        sent.get("a1").completeExceptionally(new IllegalStateException("refused"));

        assertThat(sent).containsOnlyKeys("a1", "b1", "a2");
        assertThat(publishes.waiting()).isZero();
    }

    @Test
    void someAreSentAtATimeAndRepositoriesTakeTurns() {
        for (int i = 0; i < UpstreamPublishes.AT_ONCE; i++) {
            publish("busy" + i + ".example.org", "busy" + i);
        }
        publish("busy0.example.org", "more of busy0");
        publish("late.example.org", "late");
        assertThat(sent).hasSize(UpstreamPublishes.AT_ONCE);
        assertThat(publishes.waiting()).isEqualTo(2);

        sent.get("busy0").complete(null);
        assertThat(sent).containsKey("late").doesNotContainKey("more of busy0");
        sent.get("busy1").complete(null);

        assertThat(sent).containsKey("more of busy0");
    }

    @Test
    void whatItsCallerNoLongerWaitsForIsNotSent() {
        publish("a.example.org", "a1");
        publish("a.example.org", "a2").complete(null);
        publish("a.example.org", "a3");

        sent.get("a1").complete(null);

        assertThat(sent).containsOnlyKeys("a1", "a3");
    }

    @Test
    void thousandsThatFailAtOnceDoNotOverflowTheStack() {
        publish("a.example.org", "first");
        List<String> failed = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            String name = String.valueOf(i);
            publishes.add(new RepositoryName("a.example.org"), new CompletableFuture<>(), () -> {
                failed.add(name);
                return CompletableFuture.failedFuture(new IllegalStateException("closed"));
            });
        }

        sent.get("first").complete(null);

        assertThat(failed).hasSize(10_000).startsWith("0", "1").endsWith("9999");
    }
}
