import { boolean, choice, integer, word } from '../parameter.js';

/** Settings of every stage: duration, batches, order. */
export const stageSettings = {
  epochs: integer({
    peers: ['num_epochs', 'n_epochs', 'max_epochs'],
    doc: 'How often every training example is seen; either this or `steps` is given.',
    unit: 'epochs',
    default: null,
  }),
  steps: integer({
    peers: ['max_steps', 'num_steps', 'total_steps', 'n_steps', 'iterations', 'max_iter'],
    doc:
      'Updates after which the stage ends, or each layer of a pretraining, in place of `epochs`; the last epoch may end before its ' +
      'last batch.',
    unit: 'updates',
    default: null,
  }),
  batch: integer({ peers: ['batch_size'], doc: 'Examples in one update.', unit: 'examples', default: 32 }),
  shuffle: boolean({ doc: 'Whether each epoch has an order of its own.', default: true }),
  drop_last: boolean({ doc: 'Whether a last batch with fewer examples is left out.', default: false }),
};

export const trainSettings = {
  ...stageSettings,
  stop: word({
    peers: ['early_stopping', 'callbacks', 'early'],
    family: 'stop',
    doc: 'Ends the training before its last epoch or step.',
    default: null,
  }),
  keep: choice({
    doc:
      'Which weights the run ends with: those after the `last` epoch, or the ones with the `best` validation loss; of a ' +
      'loss that a schedule changes, the best `final_loss`, in which all epochs have the weights of the end.',
    options: ['last', 'best'],
    default: 'last',
  }),
  clip: word({
    peers: [
      'grad_clip',
      'clip_grad_norm',
      'clip_grad_norm_',
      'max_norm',
      'gradient_clip_val',
      'gradient_clip',
      'gradient_clipping',
      'max_grad_norm',
      'clip_norm',
      'clip_value',
      'clipnorm',
      'clipvalue',
    ],
    family: 'clip',
    doc: 'Bounds the gradients before each update.',
    default: null,
  }),
  resample: word({
    peers: ['resample_steps', 'resampling', 'dead_feature_resampling', 'feature_sampling_method'],
    family: 'resampling',
    doc: 'Lets dead units start anew.',
    default: null,
  }),
  evaluate_every: integer({ doc: 'How often validation data is evaluated.', unit: 'epochs', default: 1 }),
  evaluate_train: boolean({
    doc:
      'Whether the training part is evaluated as the validation part is, whenever that is or would be: `train_evaluated.loss` ' +
      'and so on, of all its examples with the same weights, where `train.loss` is the mean over batches between updates.',
    default: false,
  }),
  diagnostics_every: integer({
    doc: 'How often the layers are measured (dead units, saturation, structure of filters). No result depends on it.',
    unit: 'epochs',
    default: 1,
  }),
};

/** Settings that no result depends on; excluded from a trial's identity. */
export const identityFreeSettings: readonly string[] = ['diagnostics_every'];
