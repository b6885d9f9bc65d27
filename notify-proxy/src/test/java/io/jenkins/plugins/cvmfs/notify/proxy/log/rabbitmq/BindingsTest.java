package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BindingsTest {

    private static final int KEYS = 10;
    private static final String PROBE = RoutingKeys.probe("0123456789abcdef");

    /** The keys that were bound at the broker. */
    private final List<String> asked = new ArrayList<>();

    private final Bindings bindings = new Bindings(channel(), "exchange", "queue");

    private Channel channel() {
        return (Channel) Proxy.newProxyInstance(
                Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (proxy, method, args) -> {
                    if (method.getName().startsWith("queueBind")) {
                        asked.add((String) args[2]);
                    }
                    return null;
                });
    }

    private static RepositoryName name(int number) {
        return new RepositoryName("r" + number + ".example.org");
    }

    private List<String> addTen() throws IOException {
        List<RepositoryName> names =
                IntStream.range(0, KEYS).mapToObj(BindingsTest::name).toList();
        bindings.add(names);
        asked.clear();
        return names.stream().map(RoutingKeys::of).toList();
    }

    @Test
    void eachBoundKeyIsBoundAgainInItsTurn() throws IOException {
        List<String> keys = addTen();

        bindings.bindNextAgain(4);
        assertThat(asked).hasSize(4);
        bindings.bindNextAgain(4);
        bindings.bindNextAgain(4);
        assertThat(asked).containsExactlyInAnyOrderElementsOf(keys);

        bindings.bindNextAgain(KEYS);
        assertThat(asked).hasSize(2 * KEYS);
    }

    @Test
    void whatThisProxyHasUnboundMeanwhileIsNotBoundAgain() throws IOException {
        addTen();
        bindings.bindNextAgain(1);
        assertThat(asked).hasSize(1);
        asked.clear();
        for (int number = 0; number < KEYS; number++) {
            bindings.remove(name(number), repository -> false);
        }

        bindings.bindNextAgain(KEYS);

        assertThat(asked).isEmpty();
    }

    /** Else the probe would come through although all the other bindings are gone. */
    @Test
    void theProbeIsLeftAlone() throws IOException {
        bindings.addKeys(List.of(PROBE));
        List<String> keys = addTen();

        bindings.bindNextAgain(2 * KEYS);

        assertThat(asked).containsExactlyInAnyOrderElementsOf(keys);
    }
}
