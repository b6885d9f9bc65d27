package io.jenkins.plugins.cvmfs.notify.config;

import hudson.Extension;
import hudson.model.Describable;
import hudson.model.Descriptor;
import hudson.model.Item;
import hudson.util.FormValidation;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** A place where a repository is read, with a name for pipelines and a URL that they need not know. */
public final class ReplicaEntry implements Describable<ReplicaEntry> {

    private final String name;
    private final String url;
    private @Nullable String proxy;

    /** As typed; {@link ConfiguredSites} checks it when it is used. */
    @DataBoundConstructor
    public ReplicaEntry(@Nullable String name, @Nullable String url) {
        this.name = FormFields.text(name, "");
        this.url = FormFields.text(url, "");
    }

    /** The entry of a replica that is read from a web server, perhaps through a proxy. */
    static ReplicaEntry of(Replica replica) {
        String[] parts = replica.location().split(RepositoryLocation.THROUGH, 2);
        ReplicaEntry entry = new ReplicaEntry(replica.name(), parts[0]);
        entry.setProxy(parts.length == 1 ? null : parts[1]);
        return entry;
    }

    /** The name in pipelines and build logs. */
    public String getName() {
        return name;
    }

    /** The URL of the repository's root there, the folder of {@code .cvmfspublished}. */
    public String getUrl() {
        return url;
    }

    /** The URL of the HTTP proxy that it is read through, such as a site's Squid; null to read it as Jenkins reads others. */
    public @Nullable String getProxy() {
        return proxy;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setProxy(@Nullable String proxy) {
        this.proxy = FormFields.text(proxy);
    }

    /**
     * Returns where it is read.
     *
     * @throws InvalidInputException if a URL is wrong
     */
    RepositoryLocation location() {
        RepositoryLocation.Web web = ConfiguredSites.webLocation(url);
        return proxy == null ? web : new RepositoryLocation.EachAddress(web, HttpCache.parse(proxy));
    }

    /**
     * Returns what to watch.
     *
     * @throws InvalidInputException if the name or a URL is wrong
     */
    Replica replica() {
        return new Replica(name, location().toString());
    }

    /** The form of one replica. */
    @Extension
    public static final class DescriptorImpl extends Descriptor<ReplicaEntry> {

        @Override
        public String getDisplayName() {
            return Messages.ReplicaEntry_DisplayName();
        }

        @POST
        public FormValidation doCheckName(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            return FormPlace.of(item).check(() -> ConfiguredSites.replicaName(value));
        }

        @POST
        public FormValidation doCheckUrl(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            FormPlace place = FormPlace.of(item);
            return place.check(() -> {
                ConfiguredSites.webLocation(value.trim());
                place.requireHost(value);
            });
        }

        /** Checks the proxy; an invalid URL of the replica is reported beside that field only. */
        @POST
        public FormValidation doCheckProxy(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String url) {
            FormPlace place = FormPlace.of(item);
            return place.check(() -> {
                if (!value.isBlank()) {
                    var unused = HttpCache.parse(value.trim());
                    place.requireHost(value);
                    if (url.trim().startsWith("https:")) {
                        throw new InvalidInputException(Messages.ReplicaEntry_ProxyOfHttps());
                    }
                }
            });
        }
    }
}
