package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WaitFormTest {

    private final Directory directory = Samples.directory();

    private static void requireRefused(ThrowingCallable check, String reason) {
        assertThatThrownBy(check).isInstanceOf(InvalidInputException.class).hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "7,'','',true",
        "'',7,'',true",
        "'','',abc,true",
        "7,'',abc,true",
        "'','','',false",
        "7,6,'',false",
        "'',6,abc,false"
    })
    void oneTargetMustBeTypedAndOnlyAHashMayHaveItsRevision(
            String revision, String after, String rootHash, boolean fits) {
        ThrowingCallable check = () -> WaitForm.target(revision, after, rootHash);

        if (fits) {
            assertThatCode(check).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(check).isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void whatIsLeftBlankIsAsIfNothingHadBeenSaid() {
        assertThatCode(() -> {
                    WaitForm.revision(" ");
                    WaitForm.rootHash("");
                    WaitForm.require("");
                    WaitForm.timeout("", "DAYS");
                    StepForm.server(directory, "", "");
                    StepForm.server(directory, "", "sw.example.org");
                    WaitForm.replicas(directory, " ", "sw.example.org");
                    WaitForm.repository(directory, "sw.example.org", "");
                    WaitForm.require(directory, "", "sw.example.org", "");
                })
                .doesNotThrowAnyException();
    }

    @Test
    void whatCannotBeReadIsToldWithItsValue() {
        requireRefused(() -> WaitForm.repository("no name!"), "no name!");
        requireRefused(() -> WaitForm.revision("seven"), "seven");
        requireRefused(() -> WaitForm.rootHash("abc"), "abc");
        requireRefused(() -> WaitForm.require("some"), "'some'");
    }

    @Test
    void whatIsNotConfiguredIsToldWithWhatIs() {
        requireRefused(() -> WaitForm.repository(directory, "other.example.org", ""), "configured: sw.example.org");
        requireRefused(
                () -> WaitForm.replicas(directory, "site-a, site-c", "sw.example.org"), "configured: site-a, site-b");
        requireRefused(() -> WaitForm.replicas(directory, "http://10.0.0.1/x", "sw.example.org"), "not allowed");
        requireRefused(() -> WaitForm.require(directory, "3", "sw.example.org", ""), "more replicas than are named, 2");
        requireRefused(
                () -> WaitForm.require(directory, "2", "sw.example.org", "site-a"), "more replicas than are named, 1");
    }

    @ParameterizedTest
    @CsvSource({"0,MINUTES", "-1,MINUTES", "1.5,HOURS", "soon,DAYS", "367,DAYS", "9999999999,SECONDS"})
    void aTimeOutThatTheStepWouldRefuseIsRefusedInTheForm(String value, String unit) {
        assertThatThrownBy(() -> WaitForm.timeout(value, unit)).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @CsvSource({"1,SECONDS", "366,DAYS", " 90 ,MINUTES"})
    void aTimeOutThatTheStepTakesIsTakenInTheForm(String value, String unit) {
        assertThatCode(() -> WaitForm.timeout(value, unit)).doesNotThrowAnyException();
    }

    @Test
    void aServerThatIsGoneOrMustBeChosenIsTold() {
        // Given
        Directory several = new Directory(
                List.of(
                        new ServerEntry("main", "http://notify.example.org/api/v1"),
                        new ServerEntry("second", "http://second.example.org/api/v1")),
                directory.repositories(),
                false);

        // When, Then
        requireRefused(() -> StepForm.server(directory, "gone", ""), "'gone'");
        requireRefused(() -> StepForm.server(directory, "http://10.0.0.1/api/v1", ""), "not allowed");
        requireRefused(() -> StepForm.server(several, "", "sw.example.org"), "choose one with server:");
        assertThatCode(() -> StepForm.server(several, "second", "sw.example.org"))
                .doesNotThrowAnyException();
        assertThatCode(() -> StepForm.server(several, "", "no name!")).doesNotThrowAnyException();
    }

    @Test
    void replicasAreSeparatedByCommasBlanksOrLines() {
        assertThat(StepForm.names(" site-a, site-b\nsite-c ,")).containsExactly("site-a", "site-b", "site-c");
    }
}
