package io.jenkins.plugins.cvmfs.notify.config;

import hudson.Extension;
import hudson.model.Describable;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** One place a repository is read from, by a name that pipelines use and a URL that they need not know. */
public final class ReplicaEntry implements Describable<ReplicaEntry> {

    private final String name;
    private final String url;

    /** As typed; {@link Directory} says what is wrong with it when it is used. */
    @DataBoundConstructor
    public ReplicaEntry(@Nullable String name, @Nullable String url) {
        this.name = TypedText.or(name, "");
        this.url = TypedText.or(url, "");
    }

    /** What pipelines and the build log call it. */
    public String getName() {
        return name;
    }

    /** The repository's root there, under which {@code .cvmfspublished} lies. */
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

        /** Judges the name while it is typed. */
        @POST
        public FormValidation doCheckName(@QueryParameter String value) {
            return FieldCheck.administrator(() -> Directory.replicaName(value));
        }

        /** Judges the URL while it is typed. */
        @POST
        public FormValidation doCheckUrl(@QueryParameter String value) {
            return FieldCheck.administrator(() -> Directory.webLocation(value.trim()));
        }
    }
}
