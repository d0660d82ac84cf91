"""Names of MLflow's that this package does not have: who asks for one is told what works."""

# MLflow 3.17's own namespace, but for what is here.
_TEXT = """
ActiveModel ActiveRun Image MlflowClient MlflowException add_trace anthropic artifacts autogen bedrock
catboost clear_active_model client config context create_experiment create_external_model create_workspace
crewai data delete_assessment delete_experiment delete_experiment_tag delete_logged_model_tag
delete_prompt_alias delete_run delete_tag delete_trace_tag delete_workspace diffusers
disable_system_metrics_logging doctor dspy enable_system_metrics_logging entities evaluate evaluation
exceptions finalize_logged_model flush_artifact_async_logging flush_async_logging flush_trace_async_logging
gateway gemini genai get_active_model_id get_active_trace_id get_artifact_uri get_assessment
get_current_active_span get_experiment get_experiment_by_name get_last_active_trace_id get_logged_model
get_parent_run get_registry_uri get_run get_trace get_tracking_uri get_workspace groq h2o import_checkpoints
initialize_logged_model is_tracking_uri_set keras langchain last_active_run last_logged_model lightgbm
list_workspaces litellm llama_index load_prompt load_table log_assessment log_expectation log_feedback
log_input log_inputs log_issue log_model_params log_outputs log_stream log_trace login mistral models onnx
openai override_feedback paddle pmdarima projects prophet pyfunc pyspark pytorch register_model
register_prompt restore_experiment restore_run run search_experiments search_logged_models
search_model_versions search_prompts search_registered_models search_runs search_sessions search_traces
sentence_transformers server set_active_model set_experiment set_experiment_tag set_experiment_tags
set_logged_model_tags set_model_version_tag set_prompt_alias set_registry_uri set_system_metrics_node_id
set_system_metrics_samples_before_logging set_system_metrics_sampling_interval set_trace_tag
set_tracking_uri set_workspace shap sklearn spacy spark start_span start_span_no_context statsmodels
system_metrics tensorflow test trace tracing tracking transformers types update_assessment
update_current_trace update_workspace utils validate_evaluation_results xgboost
"""
_NAMES = frozenset(_TEXT.split())
# What there is in place of them here.
_HERE = {
    "create_experiment": "stepwell.start_run(experiment_name=...)",
    "get_tracking_uri": "stepwell.active_run().mlflow_tracking_uri",
    "last_active_run": "stepwell.active_run()",
    "set_experiment": "stepwell.start_run(experiment_name=...)",
    "set_tracking_uri": "stepwell.start_run(experiment_tracker=...)",
}


def missing(name: str) -> AttributeError:
    """The error of a name that the package has not."""
    sentence = f"module 'stepwell' has no attribute {name!r}"
    if name not in _NAMES:
        return AttributeError(sentence)
    here = f" Here: {_HERE[name]}." if name in _HERE else ""
    return AttributeError(
        f"{sentence}: it is MLflow's.{here} Use mlflow.{name} itself, and it goes through Stepwell: in a "
        'step, under `stepwell run -- COMMAND`, or with the MLFLOW_TRACKING_URI of `eval "$(stepwell env)"`.'
    )
