package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.sample.SigningKeys;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;

/**
 * The machines of docs/cvmfs.md in one folder: a stratum 0, replicas, a service. A stand-in for {@code cvmfs_server} keeps to what the
 * real one does: stops at the first command that fails, calls the hook when all is published. Its first publish brings revision 2.
 */
final class GuideSite implements AutoCloseable {

    static final RepositoryName NAME = new RepositoryName("sw.example.org");

    /** Making them takes longer than everything else here. */
    private static final SigningKeys KEYS = validFromNow();

    private static final String CVMFS_SERVER = """
            #!/bin/bash
            set -e
            publish_after_hook() { :; }
            cd '%s'
            if [ -f etc/cvmfs/cvmfs_server_hooks.sh ]; then . etc/cvmfs/cvmfs_server_hooks.sh; fi
            name=$2
            CVMFS_STRATUM0=$PWD/stratum0/$name
            case $1 in
                transaction) ;;
                publish)
                    cp -r next/. "$CVMFS_STRATUM0"
                    for site in site-a site-b; do cp -r next/. "$site/$name"; done
                    publish_after_hook "$name" ;;
                snapshot)
                    mkdir -p "replica/$name"
                    cp -r "$CVMFS_STRATUM0/." "replica/$name"
                    echo "$1 $name" >> snapshots.txt ;;
                abort) echo "aborted $3" ;;
                *) exit 1 ;;
            esac
            """;

    private final Path folder;
    private final LocalProxy proxy;

    private GuideSite(Path folder, LocalProxy proxy) {
        this.folder = folder;
        this.proxy = proxy;
    }

    private static SigningKeys validFromNow() {
        return SigningKeys.shared(NAME.value(), Instant.now());
    }

    static GuideSite build(Path folder) throws IOException {
        SampleRepository repository =
                SampleRepository.create(folder.resolve("made"), NAME, HashAlgorithm.SHA1, Clock.systemUTC(), KEYS);
        for (String place : new String[] {"stratum0", "site-a", "site-b"}) {
            repository.snapshotTo(folder.resolve(place).resolve(NAME.value()));
        }
        repository.publish();
        repository.snapshotTo(folder.resolve("next"));
        Files.createDirectories(folder.resolve("etc/cvmfs/domain.d"));
        Files.createDirectories(folder.resolve("mount/" + NAME));
        ReadmeShell.notifyProxy(folder);
        ReadmeShell.program(folder, "cvmfs_server", CVMFS_SERVER.formatted(folder));
        ReadmeShell.program(
                folder,
                "cvmfs_config",
                "#!/bin/sh\nsed 's/$/    # from /' '%s'/etc/cvmfs/domain.d/*.local\n".formatted(folder));
        TokenHash.Minted token = TokenHash.mint();
        Files.writeString(
                folder.resolve("etc/cvmfs/notify.token"), token.token().value() + "\n");
        return new GuideSite(folder, LocalProxy.start(token.hash()));
    }

    /** Runs what the guide says, with the places of this site for those of the guide. */
    ReadmeShell run(String commands) throws IOException {
        return ReadmeShell.run(folder, Map.of(), here(commands));
    }

    /** The same text with the places of this site. */
    String here(String text) {
        return text.replace("http://notify.example.org:4930/api/v1", proxy.server())
                .replace("http://stratum0.example.org/cvmfs/", folder + "/stratum0/")
                .replaceAll("http://(site-[ab])\\.example\\.org/cvmfs/", folder + "/$1/")
                .replace("http://localhost/cvmfs/", folder + "/replica/")
                .replace("/etc/cvmfs/", folder + "/etc/cvmfs/")
                .replace("hook install", "hook install --file " + folder + "/etc/cvmfs/cvmfs_server_hooks.sh")
                .replaceAll("(?m)(^| )/cvmfs/", "$1" + folder + "/mount/");
    }

    /** What the service knows of the repository, JSON. */
    String describe() throws IOException, InterruptedException {
        return proxy.describe(NAME).body();
    }

    @Override
    public void close() {
        proxy.close();
    }
}
