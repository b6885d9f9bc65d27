package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MainTest {

    private final AtomicInteger readersGone = new AtomicInteger();

    private static OutputStream failing(String reason) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(reason);
            }
        };
    }

    private Main.StandardOutput written(OutputStream file) {
        Main.StandardOutput output = new Main.StandardOutput(file, readersGone::incrementAndGet);
        PrintStream stream = new PrintStream(output, true, UTF_8);
        stream.println("one");
        stream.println("two");
        return output;
    }

    @Test
    void theCommandsExitCodeIsKeptIfEverythingIsWritten() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();

        Main.StandardOutput output = written(file);

        assertThat(file).hasToString("one\ntwo\n");
        assertThat(output.exitCode(3)).isEqualTo(3);
        assertThat(output.complaint()).isNull();
    }

    @Test
    void aClosedPipeIsReportedOnceAndIsNoComplaint() {
        Main.StandardOutput output = written(failing("Broken pipe"));

        assertThat(readersGone).hasValue(1);
        assertThat(output.exitCode(0)).isEqualTo(141);
        assertThat(output.complaint()).isNull();
    }

    @Test
    void aFullDiskIsAFailure() {
        Main.StandardOutput output = written(failing("No space left on device"));

        assertThat(readersGone).hasValue(0);
        assertThat(output.exitCode(0)).isEqualTo(70);
        assertThat(output.complaint()).endsWith("No space left on device");
    }
}
