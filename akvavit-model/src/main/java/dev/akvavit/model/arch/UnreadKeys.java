package dev.akvavit.model.arch;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.UnsupportedModelException;
import java.util.List;
import java.util.Set;

/**
 * Refuses a config that says something about the mathematics which its family did not read: better
 * no text than text from another model. Keys about training, generation or bookkeeping pass, and so
 * does any key with a neutral value.
 */
final class UnreadKeys {
  /** Parts of names that settings of the forward pass have had in published configs. */
  private static final List<String> MATHEMATICAL =
      List.of(
          """
          attn attention rope rotary yarn ntk alibi position window chunk sink head norm eps
          scale scaling softcap temperature logit mult limit clamp swiglu residual clip moe
          expert router gate group topk latent lora rank index bias act layer mlp hidden
          intermediate embed conv ssm mamba linear sparse compress qk_ kv_ hc_\
          """
              .split("\\s+"));

  /** Names that contain one of those and change nothing here. */
  private static final Set<String> HARMLESS =
      Set.of(
          """
          architectures attention_dropout attn_pdrop attention_softmax_in_fp32
          scale_attention_softmax_in_fp32 attn_softmax_in_fp32 hidden_dropout embd_pdrop
          resid_pdrop activation_dropout embd_layer_dropout summary_activation
          summary_first_dropout summary_proj_to_labels summary_type summary_use_proj
          router_aux_loss_coef router_jitter_noise router_z_loss_coef output_router_logits
          aux_loss_alpha seq_aux num_nextn_predict_layers output_attentions output_hidden_states
          initializer_range initializer_range_embeddings layer_norm_epsilon_training
          attention_mode attn_implementation _attn_implementation attn_impl use_flash_attn
          use_flash_attn_2 pretraining_tp chunk_size_feed_forward moe_aux_loss_coef
          moe_router_dtype index_share_for_mtp_iteration gradient_checkpointing
          num_logits_to_keep validate_runner_input validate_inputs run_inference_config
          inference_runner max_batch_size max_sequence_length pre_allocate_kv_cache
          reorder_and_upcast_attn rotary_emb_base_training act_dropout quantization_config
          is_encoder_decoder add_cross_attention cross_attention_hidden_size\
          """
              .split("\\s+"));

  private UnreadKeys() {}

  static void refuse(ConfigSource c) {
    for (String key : c.unread()) {
      if (!HARMLESS.contains(key)
          && !c.neutral(key)
          && MATHEMATICAL.stream().anyMatch(key::contains)) {
        throw new UnsupportedModelException(
            c.origin(),
            key,
            c.raw(key),
            "configs of this model_type without that key, or with a neutral value");
      }
    }
  }
}
