package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerPlan.Permissions;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class BrokerPlanTest {

    @Test
    void withoutAStreamAProxyHasTheRightsOfTheOriginalService() {
        Permissions rights = Permissions.ofProxy("repository.activity");

        assertThat(rights).isEqualTo(new Permissions(OwnedBroker.WORKER_NAMES, OwnedBroker.WORKER_NAMES, ".*"));
    }

    @Test
    void aNameIsMatchedLiterally() {
        String name = "a.b+c(d)|e\\f [g]{2}*?^$-h/i:j@k";

        Pattern write = Pattern.compile(Permissions.ofPublisher(name).write());

        assertThat(name).matches(write);
        assertThat(name.replace('.', 'x')).doesNotMatch(write);
        assertThat("e\\f").doesNotMatch(write);
    }
}
