package io.jenkins.plugins.cvmfs.notify.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.page.CvmfsJobAction.Bar;
import io.jenkins.plugins.cvmfs.notify.page.CvmfsJobAction.Propagation;
import io.jenkins.plugins.cvmfs.notify.page.CvmfsJobAction.Sample;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The chart of a replica on the page of a job. */
final class PropagationTest {

    private static Propagation replica(Sample... newestFirst) {
        return new Propagation("sw.example.org", "site-a", List.of(newestFirst));
    }

    private static double number(String percent) {
        assertThat(percent).matches("\\d+\\.\\d\\d%");
        return Double.parseDouble(percent.replace("%", ""));
    }

    @Test
    void aBarIsTheLongestTimeOfABuildAndTheOldestComesFirst() {
        // When
        Propagation replica =
                replica(new Sample(9, 20_000), new Sample(9, 10_000), new Sample(7, 40_000), new Sample(3, 10_000));

        // Then
        List<Bar> bars = replica.getBars();
        assertThat(bars).extracting(Bar::label).containsExactly("#3: 10 s", "#7: 40 s", "#9: 20 s");
        assertThat(bars).extracting(Bar::height).containsExactly(8, 32, 16);
        assertThat(bars).extracting(Bar::worst).containsExactly(false, true, false);
        assertThat(bars).allMatch(bar -> bar.top() + bar.height() == Propagation.HEIGHT);
        assertThat(replica.getMedianTop())
                .isBetween(bars.get(1).top(), bars.get(0).top());
        assertThat(replica.getLabel())
                .isEqualTo("sw.example.org, site-a, the oldest build first:"
                        + " median 15 s, worst 40 s in build 7, last 20 s");
    }

    @Test
    void oneBuildThatTookFarLongerDoesNotFlattenTheOthers() {
        // When
        Propagation replica =
                replica(new Sample(4, 10_000), new Sample(3, 840_000), new Sample(2, 20_000), new Sample(1, 5_000));

        // Then
        List<Bar> bars = replica.getBars();
        assertThat(bars).extracting(Bar::height).containsExactly(3, 11, 32, 5);
        assertThat(bars).extracting(Bar::cut).containsExactly(false, false, true, false);
        assertThat(bars).extracting(Bar::worst).containsExactly(false, false, true, false);
    }

    @Test
    void manyBuildsFitIntoTheDrawingAndFewDoNotFillIt() {
        // Given
        Sample[] many = IntStream.range(0, CvmfsJobAction.LAST_BUILDS)
                .mapToObj(build -> new Sample(100 - build, 1000))
                .toArray(Sample[]::new);

        // When
        List<Bar> bars = replica(many).getBars();
        List<Bar> one = replica(new Sample(1, 1000)).getBars();

        // Then
        assertThat(bars)
                .extracting(bar -> number(bar.left()) + number(bar.width()))
                .isSorted()
                .allMatch(end -> end <= 100);
        assertThat(one)
                .singleElement()
                .satisfies(bar -> assertThat(number(bar.width())).isLessThan(10));
    }

    @Test
    void aBuildInWhichItWasFarFasterStillHasABar() {
        assertThat(replica(new Sample(2, 3_600_000), new Sample(1, 3)).getBars())
                .extracting(Bar::height)
                .containsExactly(1, 32);
        assertThat(replica(new Sample(1, 0)).getBars()).extracting(Bar::height).containsExactly(1);
    }
}
