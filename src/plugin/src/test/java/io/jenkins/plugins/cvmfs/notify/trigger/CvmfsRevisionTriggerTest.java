package io.jenkins.plugins.cvmfs.notify.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parameters of the trigger, as pipelines give them. */
class CvmfsRevisionTriggerTest {

    private static RevisionWatch.Parameters only(CvmfsRevisionTrigger trigger) {
        assertThat(trigger.parameters()).hasSize(1);
        return trigger.parameters().get(0);
    }

    @Test
    void oneNameIsEnough() {
        RevisionWatch.Parameters parameters = only(new CvmfsRevisionTrigger("sw.example.org"));

        assertThat(parameters).isEqualTo(ScriptedHost.DEFAULTS);
    }

    @Test
    void severalRepositoriesAreWatchedAlike() {
        CvmfsRevisionTrigger trigger = new CvmfsRevisionTrigger("sw.example.org, data.example.org sw.example.org");
        trigger.setRequire(2);

        assertThat(trigger.parameters())
                .extracting(parameters -> parameters.repository().value())
                .containsExactly("sw.example.org", "data.example.org");
        assertThat(trigger.parameters())
                .extracting(RevisionWatch.Parameters::require)
                .containsOnly(new Requirement("2"));
    }

    @ParameterizedTest
    @CsvSource({"4/hour, PT15M", "1/minute, PT1M", "24 / day, PT1H"})
    void aRateIsAPauseBetweenBuilds(String rate, Duration pause) {
        CvmfsRevisionTrigger trigger = new CvmfsRevisionTrigger("sw.example.org");
        trigger.setMaxRate(rate);

        assertThat(only(trigger).spacing()).isEqualTo(pause);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0/hour", "4", "hour", "-1/hour", "4/fortnight", "10000/day"})
    void aRateThatIsNoneIsNamedWithAnExample(String rate) {
        CvmfsRevisionTrigger trigger = new CvmfsRevisionTrigger("sw.example.org");

        assertThatThrownBy(() -> trigger.setMaxRate(rate))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        "cvmfsRevision: maxRate is '%s', must be a number of builds a minute, hour or day, such as 4/hour"
                                .formatted(rate));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " , ", "no name/at all"})
    void aRepositoryThatIsNoneIsRefused(String repository) {
        assertThatThrownBy(() -> new CvmfsRevisionTrigger(repository)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void whatElseIsWrongIsRefusedWithWhatIsAllowed() {
        CvmfsRevisionTrigger trigger = new CvmfsRevisionTrigger("sw.example.org");

        assertThatThrownBy(() -> trigger.setQuietPeriod(-1)).hasMessageContaining("must be from 0 to 86400");
        assertThatThrownBy(() -> trigger.setRequire("most"))
                .hasMessageContaining("'all', 'majority', 'any' or a number");
    }

    @Test
    void blankFieldsAreAsIfTheyWereNotSet() {
        CvmfsRevisionTrigger trigger = new CvmfsRevisionTrigger("sw.example.org");
        trigger.setRequire(" ");
        trigger.setMaxRate("");
        trigger.setServer(" ");
        trigger.setReplicas(null);

        assertThat(only(trigger)).isEqualTo(ScriptedHost.DEFAULTS);
    }
}
