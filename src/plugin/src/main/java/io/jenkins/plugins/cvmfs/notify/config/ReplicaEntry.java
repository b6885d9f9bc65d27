package io.jenkins.plugins.cvmfs.notify.config;

import hudson.Extension;
import hudson.model.Describable;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** A place where a repository is read, with a name for pipelines and a URL that they need not know. */
public final class ReplicaEntry implements Describable<ReplicaEntry> {

    private final String name;
    private final String url;

    /** As typed; {@link ConfiguredSites} checks it when it is used. */
    @DataBoundConstructor
    public ReplicaEntry(@Nullable String name, @Nullable String url) {
        this.name = FormFields.text(name, "");
        this.url = FormFields.text(url, "");
    }

    /** The name in pipelines and build logs. */
    public String getName() {
        return name;
    }

    /** The URL of the repository's root there, the folder of {@code .cvmfspublished}. */
    public String getUrl() {
        return url;
    }

    /** The form of one replica. */
    @Extension
    public static final class DescriptorImpl extends Descriptor<ReplicaEntry> {

        @Override
        public String getDisplayName() {
            return Messages.ReplicaEntry_DisplayName();
        }

        @POST
        public FormValidation doCheckName(@QueryParameter String value) {
            return FormFields.check(() -> ConfiguredSites.replicaName(value));
        }

        @POST
        public FormValidation doCheckUrl(@QueryParameter String value) {
            return FormFields.check(() -> ConfiguredSites.webLocation(value.trim()));
        }
    }
}
