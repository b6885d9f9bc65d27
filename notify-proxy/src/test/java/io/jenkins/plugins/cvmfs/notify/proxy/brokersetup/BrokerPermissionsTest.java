package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class BrokerPermissionsTest {

    @Test
    void withoutAStreamTheyAreThoseOfTheOriginalService() {
        BrokerPermissions rights = BrokerPermissions.ofProxy("repository.activity");

        assertThat(rights).isEqualTo(new BrokerPermissions(OwnedBroker.WORKER_NAMES, OwnedBroker.WORKER_NAMES, ".*"));
    }

    @Test
    void aNameIsMeantLiterally() {
        String name = "a.b+c(d)|e\\f [g]{2}*?^$-h/i:j@k";

        Pattern write = Pattern.compile(BrokerPermissions.ofPublisher(name).write());

        assertThat(name).matches(write);
        assertThat(name.replace('.', 'x')).doesNotMatch(write);
        assertThat("e\\f").doesNotMatch(write);
    }
}
