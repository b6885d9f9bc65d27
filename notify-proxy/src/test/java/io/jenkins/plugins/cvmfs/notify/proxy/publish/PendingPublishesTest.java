package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.publish.PendingPublishes.Entry;
import org.junit.jupiter.api.Test;

class PendingPublishesTest {

    private final PendingPublishes pending = new PendingPublishes(10);

    private int beginAll(boolean ofStranger) {
        int begun = 0;
        while (begun < 100 && pending.begin(ofStranger) == Entry.BEGUN) {
            begun++;
        }
        return begun;
    }

    @Test
    void strangersTakeHalfOfThePlaces() {
        assertThat(beginAll(true)).isEqualTo(5);
        assertThat(beginAll(false)).isEqualTo(5);
        assertThat(pending.count()).isEqualTo(10);

        pending.end(true);

        assertThat(beginAll(true)).isEqualTo(1);
    }

    @Test
    void withoutStrangersAllPlacesAreForTheOthers() {
        assertThat(beginAll(false)).isEqualTo(10);
        assertThat(pending.begin(true)).isEqualTo(Entry.FULL);
        pending.end(false);
        assertThat(pending.begin(true)).isEqualTo(Entry.BEGUN);
    }
}
