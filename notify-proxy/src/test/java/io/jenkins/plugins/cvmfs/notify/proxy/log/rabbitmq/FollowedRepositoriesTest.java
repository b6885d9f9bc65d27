package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class FollowedRepositoriesTest {

    private final Set<RepositoryName> awaited = ConcurrentHashMap.newKeySet();
    private final FollowedRepositories following = new FollowedRepositories(awaited::contains);

    private static RepositoryName name(int number) {
        return new RepositoryName("r" + number + ".example.org");
    }

    private void addUnawaited(int from, int to) {
        for (int number = from; number < to; number++) {
            following.add(name(number));
        }
    }

    @Test
    void whatNobodyAwaitsIsKeptForAWhile() {
        addUnawaited(0, 10);

        assertThat(following.all()).hasSize(10);
        assertThat(following.needs(name(3))).isTrue();
    }

    @Test
    void whatNobodyAwaitsIsForgottenWhenItIsLookedFor() {
        awaited.add(name(1));
        addUnawaited(0, 10);
        long before = following.changes();

        following.forgetUnawaited();

        assertThat(following.all()).containsExactly(name(1));
        assertThat(following.needs(name(3))).isFalse();
        assertThat(following.changes()).isNotEqualTo(before);
    }

    @Test
    void howeverManyNamesAreInventedOnlyFewAreKept() {
        awaited.add(name(1));

        addUnawaited(0, 100 * FollowedRepositories.SLACK);

        assertThat(following.size()).isLessThanOrEqualTo(FollowedRepositories.SLACK + 1);
        assertThat(following.all()).contains(name(1));
    }

    @Test
    void whatIsAwaitedIsKeptHoweverMuchItIs() {
        for (int number = 0; number < 3 * FollowedRepositories.SLACK; number++) {
            awaited.add(name(number));
            following.add(name(number));
        }

        assertThat(following.size()).isEqualTo(3 * FollowedRepositories.SLACK);
    }

    @Test
    void whatIsAwaitedIsNeededEvenBeforeItIsAdded() {
        awaited.add(name(1));

        assertThat(following.needs(name(1))).isTrue();
    }
}
