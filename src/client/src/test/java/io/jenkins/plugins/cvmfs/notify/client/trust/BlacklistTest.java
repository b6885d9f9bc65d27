package io.jenkins.plugins.cvmfs.notify.client.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class BlacklistTest {

    private static final RepositoryName NAME = new RepositoryName("sample.example.org");
    private static final String HEX = "0123456789abcdef0123456789abcdef01234567";
    private static final String PAIRS = "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67";

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Blacklist.class);

    @BeforeEach
    void recordTheLog() {
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
    }

    @AfterEach
    void leaveTheLogAsItWas() {
        logger.setAdditive(true);
        logger.detachAppender(log);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                PAIRS + "-RMD160",
                PAIRS + "-rmd160 # stolen",
                HEX + "-rmd160#stolen",
                PAIRS + "-RMD160\tstolen\r",
                "\n# first\n" + PAIRS + "-RMD160"
            })
    void aFingerprintRevokesACertificate(String text) {
        Blacklist blacklist = Blacklist.parse(text);

        assertThat(blacklist.revokesAny(Set.of(ContentHash.parse(HEX), ContentHash.parse(HEX + "-rmd160"))))
                .isTrue();
        assertThat(blacklist.revokesAny(Set.of(ContentHash.parse(HEX)))).isFalse();
        assertThat(log.list).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<sample.example.org 7",
                "<sample.example.org\t \t7\n",
                "<sample.example.org 7 \r\n",
                "<sample.example.org 7\n<sample.example.org 6\n<other.example.org 8"
            })
    void theHighestRevisionOfARepositoryCounts(String text) {
        assertThat(Blacklist.parse(text).lowestRevision(NAME)).hasValue(new Revision(7));
        assertThat(log.list).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<sample.example.org",
                "<sample.example.org x",
                "<sample.example.org 7 8",
                "<sample.example.org 18446744073709551616",
                "< sample.example.org 7",
                "<sample.example.organisation 7 # why",
                "sample.example.org 7",
                "01:23",
                PAIRS + "-MD5",
                "\u0000"
            })
    void aLineThatRevokesNothingIsLogged(String line) {
        Blacklist blacklist = Blacklist.parse("\n" + line);

        assertThat(blacklist.lowestRevision(NAME)).isEmpty();
        assertThat(log.list).singleElement().satisfies(event -> {
            assertThat(event.getLevel()).hasToString("WARN");
            assertThat(event.getKeyValuePairs()).anySatisfy(pair -> {
                assertThat(pair.key).isEqualTo("line");
                assertThat(pair.value).isEqualTo(2);
            });
        });
    }

    @Test
    void severalFilesRevokeTogetherAndAMissingOneRevokesNothing(@TempDir Path folder) throws Exception {
        Path one = Files.writeString(folder.resolve("one"), "<sample.example.org 7\n" + PAIRS);
        Path two = Files.writeString(folder.resolve("two"), "<sample.example.org 9\n<other.example.org 1");

        Blacklist blacklist = Blacklist.read(List.of(one, folder.resolve("missing"), two));

        assertThat(blacklist.lowestRevision(NAME)).hasValue(new Revision(9));
        assertThat(blacklist.lowestRevision(new RepositoryName("other.example.org")))
                .hasValue(new Revision(1));
        assertThat(blacklist.revokesAny(Set.of(ContentHash.parse(HEX)))).isTrue();
    }

    @Test
    void aFileThatIsThereAndCannotBeReadIsAnError(@TempDir Path folder) {
        assertThatThrownBy(() -> Blacklist.read(List.of(folder)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("cannot read " + folder + ": Is a directory");
    }
}
