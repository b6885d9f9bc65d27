package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.FormFields;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StepFormsTest {

    private final ConfiguredSites sites = Samples.sites();

    private static void requireRefused(ThrowingCallable check, String reason) {
        assertThatThrownBy(check).isInstanceOf(InvalidInputException.class).hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "7,'','',true",
        "'',7,'',true",
        "'','',abc,true",
        "7,'',abc,true",
        "'','','',true",
        "7,6,'',false",
        "'',6,abc,false"
    })
    void atMostOneTargetMayBeTypedAndOnlyAHashMayHaveItsRevision(
            String revision, String after, String rootHash, boolean fits) {
        ThrowingCallable check = () -> StepForms.oneTarget(revision, after, rootHash);

        if (fits) {
            assertThatCode(check).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(check).isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void aBlankFieldIsNotSet() {
        assertThatCode(() -> {
                    StepForms.revision(" ");
                    StepForms.rootHash("");
                    StepForms.require("");
                    StepForms.timeout("", "DAYS");
                    StepForms.server(sites, "", "");
                    StepForms.server(sites, "", "sw.example.org");
                    StepForms.replicas(sites, " ", "sw.example.org");
                    StepForms.repository(sites, "sw.example.org", "");
                    StepForms.require(sites, "", "sw.example.org", "");
                })
                .doesNotThrowAnyException();
    }

    @Test
    void aMalformedValueIsReported() {
        requireRefused(() -> WaitForCvmfsRevisionStep.repositoryName("no name!"), "no name!");
        requireRefused(() -> StepForms.revision("seven"), "seven");
        requireRefused(() -> StepForms.rootHash("abc"), "abc");
        requireRefused(() -> StepForms.require("some"), "'some'");
    }

    @Test
    void aNameThatIsNotConfiguredIsReportedWithThoseThatAre() {
        requireRefused(() -> StepForms.repository(sites, "other.example.org", ""), "configured: sw.example.org");
        requireRefused(
                () -> StepForms.replicas(sites, "site-a, site-c", "sw.example.org"), "configured: site-a, site-b");
        requireRefused(() -> StepForms.replicas(sites, "http://10.0.0.1/x", "sw.example.org"), "not allowed");
        requireRefused(
                () -> StepForms.require(sites, "3", "sw.example.org", ""), "more than the number of replicas, 2");
        requireRefused(
                () -> StepForms.require(sites, "2", "sw.example.org", "site-a"), "more than the number of replicas, 1");
    }

    @ParameterizedTest
    @CsvSource({"0,MINUTES", "-1,MINUTES", "1.5,HOURS", "soon,DAYS", "367,DAYS", "9999999999,SECONDS"})
    void aTimeOutThatTheStepWouldRefuseIsRefusedInTheForm(String value, String unit) {
        assertThatThrownBy(() -> StepForms.timeout(value, unit)).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @CsvSource({"1,SECONDS", "366,DAYS", " 90 ,MINUTES", "90m,MINUTES"})
    void aTimeOutThatTheStepTakesIsTakenInTheForm(String value, String unit) {
        assertThatCode(() -> StepForms.timeout(value, unit)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " "})
    void aTimeOutWithoutUnitIsInMinutes(String unit) {
        assertThatCode(() -> StepForms.timeout("527040", unit)).doesNotThrowAnyException();
        requireRefused(() -> StepForms.timeout("527041", unit), "timeout is 527041 minutes");
    }

    @Test
    void aServerThatIsUnknownOrMustBeChosenIsReported() {
        // Given
        ConfiguredSites several = new ConfiguredSites(
                List.of(
                        new ServerEntry("main", "http://notify.example.org/api/v1"),
                        new ServerEntry("second", "http://second.example.org/api/v1")),
                sites.repositories(),
                false);

        // When, Then
        requireRefused(() -> StepForms.server(sites, "gone", ""), "'gone'");
        requireRefused(() -> StepForms.server(sites, "http://10.0.0.1/api/v1", ""), "not allowed");
        requireRefused(() -> StepForms.server(several, "", "sw.example.org"), "choose one with server:");
        assertThatCode(() -> StepForms.server(several, "second", "sw.example.org"))
                .doesNotThrowAnyException();
        assertThatCode(() -> StepForms.server(several, "", "no name!")).doesNotThrowAnyException();
    }

    @Test
    void replicasAreSeparatedByCommasBlanksOrLines() {
        assertThat(FormFields.names(" site-a, site-b\nsite-c ,")).containsExactly("site-a", "site-b", "site-c");
    }
}
