package io.jenkins.plugins.cvmfs.notify.proxy.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RightsTest {

    @Test
    void withoutAStreamTheyAreThoseOfTheOriginalService() {
        Rights rights = Rights.ofProxy("repository.activity");

        assertThat(rights).isEqualTo(new Rights(OwnedBroker.WORKER_NAMES, OwnedBroker.WORKER_NAMES, ".*"));
    }

    @Test
    void aNameIsMeantLiterally() {
        String name = "a.b+c(d)|e\\f [g]{2}*?^$-h/i:j@k";

        Pattern write = Pattern.compile(Rights.ofPublisher(name).write());

        assertThat(name).matches(write);
        assertThat(name.replace('.', 'x')).doesNotMatch(write);
        assertThat("e\\f").doesNotMatch(write);
    }
}
