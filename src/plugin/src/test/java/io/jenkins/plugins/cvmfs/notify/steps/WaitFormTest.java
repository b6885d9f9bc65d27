package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
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
                    WaitForm.timeout("");
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

    @Test
    void replicasAreSeparatedByCommasBlanksOrLines() {
        assertThat(StepForm.names(" site-a, site-b\nsite-c ,")).containsExactly("site-a", "site-b", "site-c");
    }
}
