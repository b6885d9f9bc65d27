package hudson.model;

public abstract class Run<JobT extends Job<JobT, RunT>, RunT extends Run<JobT, RunT>> extends Actionable {
    public void setResult(Result r) {
        throw new UnsupportedOperationException();
    }
}
