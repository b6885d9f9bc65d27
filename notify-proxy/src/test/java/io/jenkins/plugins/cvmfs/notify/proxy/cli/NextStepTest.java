package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever reads only the last line of what went wrong knows what to do next. */
class NextStepTest {

    @TempDir
    static Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            publish -u http://127.0.0.1:1/api/v1 -r FOLDER/absent            | 7  | Name the folder of a repository
            publish -u http://127.0.0.1:1/api/v1 -r FOLDER/text              | 8  | Name the folder of a repository
            publish -u http://127.0.0.1:1/api/v1 -r http://127.0.0.1:1/cvmfs | 6  | Does 'curl -I http://127.0.0.1:1/cvmfs/.cvmfspublished' find it?
            publish -u http://127.0.0.1:1/api/v1 -r FOLDER --timeout 0       | 9  | Does the server run, and is its address right?
            publish -r FOLDER                                                | 1  | Try 'notify-proxy publish --help'.
            publsh                                                           | 1  | Try 'notify-proxy --help'.
            subscribe -u http://127.0.0.1:1 -t sw.example.org --timeout 1ms  | 3  | Is the name right?
            serve --standalone --bind 192.0.2.1                              | 4  | look who listens there: ss -ltnp
            serve --standalone --port 0 --state-dir FOLDER/text              | 4  | Choose another --state-dir
            check-config --set limts.idle_timeout=1s                         | 1  | Try 'notify-proxy check-config --help'.
            setup-broker --management http://127.0.0.1:1 --password-file FOLDER/text --admin-password-file FOLDER/text | 12 | run it again afterwards
            demo --keep /proc/demo                                           | 4  | Name with --keep a folder
            """)
    void theLastLineSaysWhatToDo(String arguments, int exitCode, String next) throws IOException {
        Files.writeString(folder.resolve("text"), "text");
        Files.write(
                folder.resolve(".cvmfspublished"),
                Announcements.of("sw.example.org", 1).manifest().toText().getBytes(UTF_8));

        CommandRun run =
                CommandRun.of(arguments.replace("FOLDER", folder.toString()).split(" "));

        assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
        assertThat(run.err().lines().reduce((first, last) -> last))
                .hasValueSatisfying(last -> assertThat(last).contains(next));
        assertThat(run.err().lines()).as("what went wrong stands before it").hasSizeGreaterThan(1);
    }
}
