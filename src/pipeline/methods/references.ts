/** A work to cite, in BibTeX's fields; texts in plain Unicode. */
export interface Reference {
  key: string
  type: 'article' | 'inproceedings' | 'misc'
  /** "Last, First and Last, First"; braces keep a name whole */
  author: string
  title: string
  year: number
  journal?: string
  booktitle?: string
  volume?: string
  number?: string
  pages?: string
  doi?: string
  eprint?: string
  url?: string
  note?: string
}

const cvpr = (year: number): string => `Proceedings of the IEEE${year >= 2020 ? '/CVF' : ''} Conference on Computer Vision and Pattern Recognition`

const works: Record<string, Omit<Reference, 'key'>> = {
  hoerl1970ridge: { type: 'article', author: 'Hoerl, Arthur E. and Kennard, Robert W.', title: 'Ridge Regression: Biased Estimation for Nonorthogonal Problems', journal: 'Technometrics', year: 1970, volume: '12', number: '1', pages: '55-67', doi: '10.1080/00401706.1970.10488634' },
  penrose1955inverse: { type: 'article', author: 'Penrose, Roger', title: 'A Generalized Inverse for Matrices', journal: 'Mathematical Proceedings of the Cambridge Philosophical Society', year: 1955, volume: '51', number: '3', pages: '406-413', doi: '10.1017/S0305004100030401' },
  wold1984pls: { type: 'article', author: 'Wold, Svante and Ruhe, Axel and Wold, Herman and Dunn, III, William J.', title: 'The Collinearity Problem in Linear Regression. The Partial Least Squares (PLS) Approach to Generalized Inverses', journal: 'SIAM Journal on Scientific and Statistical Computing', year: 1984, volume: '5', number: '3', pages: '735-743', doi: '10.1137/0905052' },
  pedregosa2011sklearn: { type: 'article', author: 'Pedregosa, Fabian and Varoquaux, Gaël and Gramfort, Alexandre and Michel, Vincent and Thirion, Bertrand and Grisel, Olivier and Blondel, Mathieu and Prettenhofer, Peter and Weiss, Ron and Dubourg, Vincent and Vanderplas, Jake and Passos, Alexandre and Cournapeau, David and Brucher, Matthieu and Perrot, Matthieu and Duchesnay, Édouard', title: 'Scikit-learn: Machine Learning in Python', journal: 'Journal of Machine Learning Research', year: 2011, volume: '12', pages: '2825-2830' },
  hotelling1933pca: { type: 'article', author: 'Hotelling, Harold', title: 'Analysis of a Complex of Statistical Variables into Principal Components', journal: 'Journal of Educational Psychology', year: 1933, volume: '24', number: '6', pages: '417-441', doi: '10.1037/h0071325' },
  dupre2022banded: { type: 'article', author: 'Dupré la Tour, Tom and Eickenberg, Michael and Nunez-Elizalde, Anwar O. and Gallant, Jack L.', title: 'Feature-Space Selection with Banded Ridge Regression', journal: 'NeuroImage', year: 2022, volume: '264', pages: '119728', doi: '10.1016/j.neuroimage.2022.119728' },
  nunez2019banded: { type: 'article', author: 'Nunez-Elizalde, Anwar O. and Huth, Alexander G. and Gallant, Jack L.', title: 'Voxelwise Encoding Models with Non-Spherical Multivariate Normal Priors', journal: 'NeuroImage', year: 2019, volume: '197', pages: '482-492', doi: '10.1016/j.neuroimage.2019.04.012' },
  golub1979gcv: { type: 'article', author: 'Golub, Gene H. and Heath, Michael and Wahba, Grace', title: 'Generalized Cross-Validation as a Method for Choosing a Good Ridge Parameter', journal: 'Technometrics', year: 1979, volume: '21', number: '2', pages: '215-223', doi: '10.1080/00401706.1979.10489751' },
  efron1979bootstrap: { type: 'article', author: 'Efron, Bradley', title: 'Bootstrap Methods: Another Look at the Jackknife', journal: 'The Annals of Statistics', year: 1979, volume: '7', number: '1', pages: '1-26', doi: '10.1214/aos/1176344552' },
  holm1979: { type: 'article', author: 'Holm, Sture', title: 'A Simple Sequentially Rejective Multiple Test Procedure', journal: 'Scandinavian Journal of Statistics', year: 1979, volume: '6', number: '2', pages: '65-70' },
  li2006projections: { type: 'inproceedings', author: 'Li, Ping and Hastie, Trevor J. and Church, Kenneth W.', title: 'Very Sparse Random Projections', booktitle: 'Proceedings of the 12th ACM SIGKDD International Conference on Knowledge Discovery and Data Mining', year: 2006, pages: '287-296', doi: '10.1145/1150402.1150436' },
  spearman1910: { type: 'article', author: 'Spearman, Charles', title: 'Correlation Calculated from Faulty Data', journal: 'British Journal of Psychology', year: 1910, volume: '3', number: '3', pages: '271-295', doi: '10.1111/j.2044-8295.1910.tb00206.x' },
  brown1910: { type: 'article', author: 'Brown, William', title: 'Some Experimental Results in the Correlation of Mental Abilities', journal: 'British Journal of Psychology', year: 1910, volume: '3', number: '3', pages: '296-322', doi: '10.1111/j.2044-8295.1910.tb00207.x' },
  cadena2019: { type: 'article', author: 'Cadena, Santiago A. and Denfield, George H. and Walker, Edgar Y. and Gatys, Leon A. and Tolias, Andreas S. and Bethge, Matthias and Ecker, Alexander S.', title: 'Deep Convolutional Models Improve Predictions of Macaque V1 Responses to Natural Images', journal: 'PLOS Computational Biology', year: 2019, volume: '15', number: '4', pages: 'e1006897', doi: '10.1371/journal.pcbi.1006897' },
  nichols2002permutation: { type: 'article', author: 'Nichols, Thomas E. and Holmes, Andrew P.', title: 'Nonparametric Permutation Tests for Functional Neuroimaging: A Primer with Examples', journal: 'Human Brain Mapping', year: 2002, volume: '15', number: '1', pages: '1-25', doi: '10.1002/hbm.1058' },
  schrimpf2018brainscore: { type: 'misc', author: 'Schrimpf, Martin and Kubilius, Jonas and Hong, Ha and Majaj, Najib J. and Rajalingham, Rishi and Issa, Elias B. and Kar, Kohitij and Bashivan, Pouya and Prescott-Roy, Jonathan and Geiger, Franziska and Schmidt, Kailyn and Yamins, Daniel L. K. and DiCarlo, James J.', title: 'Brain-Score: Which Artificial Neural Network for Object Recognition is most Brain-Like?', year: 2018, note: 'bioRxiv preprint 407007', doi: '10.1101/407007' },
  schrimpf2020integrative: { type: 'article', author: 'Schrimpf, Martin and Kubilius, Jonas and Lee, Michael J. and Murty, N. Apurva Ratan and Ajemian, Robert and DiCarlo, James J.', title: 'Integrative Benchmarking to Advance Neurally Mechanistic Models of Human Intelligence', journal: 'Neuron', year: 2020, volume: '108', number: '3', pages: '413-423', doi: '10.1016/j.neuron.2020.07.040' },
  krizhevsky2014alexnet: { type: 'misc', author: 'Krizhevsky, Alex', title: 'One Weird Trick for Parallelizing Convolutional Neural Networks', year: 2014, eprint: '1404.5997' },
  simonyan2015vgg: { type: 'inproceedings', author: 'Simonyan, Karen and Zisserman, Andrew', title: 'Very Deep Convolutional Networks for Large-Scale Image Recognition', booktitle: 'International Conference on Learning Representations', year: 2015, eprint: '1409.1556' },
  he2016resnet: { type: 'inproceedings', author: 'He, Kaiming and Zhang, Xiangyu and Ren, Shaoqing and Sun, Jian', title: 'Deep Residual Learning for Image Recognition', booktitle: cvpr(2016), year: 2016, pages: '770-778' },
  xie2017resnext: { type: 'inproceedings', author: 'Xie, Saining and Girshick, Ross and Dollár, Piotr and Tu, Zhuowen and He, Kaiming', title: 'Aggregated Residual Transformations for Deep Neural Networks', booktitle: cvpr(2017), year: 2017, pages: '1492-1500' },
  zagoruyko2016wide: { type: 'inproceedings', author: 'Zagoruyko, Sergey and Komodakis, Nikos', title: 'Wide Residual Networks', booktitle: 'Proceedings of the British Machine Vision Conference', year: 2016, eprint: '1605.07146' },
  iandola2016squeezenet: { type: 'misc', author: 'Iandola, Forrest N. and Han, Song and Moskewicz, Matthew W. and Ashraf, Khalid and Dally, William J. and Keutzer, Kurt', title: 'SqueezeNet: AlexNet-Level Accuracy with 50x Fewer Parameters and <0.5MB Model Size', year: 2016, eprint: '1602.07360' },
  huang2017densenet: { type: 'inproceedings', author: 'Huang, Gao and Liu, Zhuang and van der Maaten, Laurens and Weinberger, Kilian Q.', title: 'Densely Connected Convolutional Networks', booktitle: cvpr(2017), year: 2017, pages: '4700-4708' },
  sandler2018mobilenetv2: { type: 'inproceedings', author: 'Sandler, Mark and Howard, Andrew and Zhu, Menglong and Zhmoginov, Andrey and Chen, Liang-Chieh', title: 'MobileNetV2: Inverted Residuals and Linear Bottlenecks', booktitle: cvpr(2018), year: 2018, pages: '4510-4520' },
  howard2019mobilenetv3: { type: 'inproceedings', author: 'Howard, Andrew and Sandler, Mark and Chu, Grace and Chen, Liang-Chieh and Chen, Bo and Tan, Mingxing and Wang, Weijun and Zhu, Yukun and Pang, Ruoming and Vasudevan, Vijay and Le, Quoc V. and Adam, Hartwig', title: 'Searching for MobileNetV3', booktitle: 'Proceedings of the IEEE/CVF International Conference on Computer Vision', year: 2019, pages: '1314-1324' },
  tan2019efficientnet: { type: 'inproceedings', author: 'Tan, Mingxing and Le, Quoc V.', title: 'EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks', booktitle: 'Proceedings of the 36th International Conference on Machine Learning', year: 2019, volume: '97', pages: '6105-6114' },
  szegedy2015googlenet: { type: 'inproceedings', author: 'Szegedy, Christian and Liu, Wei and Jia, Yangqing and Sermanet, Pierre and Reed, Scott and Anguelov, Dragomir and Erhan, Dumitru and Vanhoucke, Vincent and Rabinovich, Andrew', title: 'Going Deeper with Convolutions', booktitle: cvpr(2015), year: 2015, pages: '1-9' },
  szegedy2016inception: { type: 'inproceedings', author: 'Szegedy, Christian and Vanhoucke, Vincent and Ioffe, Sergey and Shlens, Jon and Wojna, Zbigniew', title: 'Rethinking the Inception Architecture for Computer Vision', booktitle: cvpr(2016), year: 2016, pages: '2818-2826' },
  serre2007hmax: { type: 'article', author: 'Serre, Thomas and Wolf, Lior and Bileschi, Stanley and Riesenhuber, Maximilian and Poggio, Tomaso', title: 'Robust Object Recognition with Cortex-Like Mechanisms', journal: 'IEEE Transactions on Pattern Analysis and Machine Intelligence', year: 2007, volume: '29', number: '3', pages: '411-426', doi: '10.1109/TPAMI.2007.56' },
  chollet2017xception: { type: 'inproceedings', author: 'Chollet, François', title: 'Xception: Deep Learning with Depthwise Separable Convolutions', booktitle: cvpr(2017), year: 2017, pages: '1251-1258' },
  liu2018pnasnet: { type: 'inproceedings', author: 'Liu, Chenxi and Zoph, Barret and Neumann, Maxim and Shlens, Jonathon and Hua, Wei and Li, Li-Jia and Fei-Fei, Li and Yuille, Alan and Huang, Jonathan and Murphy, Kevin', title: 'Progressive Neural Architecture Search', booktitle: 'Proceedings of the European Conference on Computer Vision', year: 2018, pages: '19-34' },
  ma2018shufflenetv2: { type: 'inproceedings', author: 'Ma, Ningning and Zhang, Xiangyu and Zheng, Hai-Tao and Sun, Jian', title: 'ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design', booktitle: 'Proceedings of the European Conference on Computer Vision', year: 2018, pages: '116-131' },
  liu2022convnext: { type: 'inproceedings', author: 'Liu, Zhuang and Mao, Hanzi and Wu, Chao-Yuan and Feichtenhofer, Christoph and Darrell, Trevor and Xie, Saining', title: 'A ConvNet for the 2020s', booktitle: cvpr(2022), year: 2022, pages: '11976-11986' },
  kubilius2018cornet: { type: 'misc', author: 'Kubilius, Jonas and Schrimpf, Martin and Nayebi, Aran and Bear, Daniel and Yamins, Daniel L. K. and DiCarlo, James J.', title: 'CORnet: Modeling the Neural Mechanisms of Core Object Recognition', year: 2018, note: 'bioRxiv preprint 408385', doi: '10.1101/408385' },
  kubilius2019cornets: { type: 'inproceedings', author: 'Kubilius, Jonas and Schrimpf, Martin and Kar, Kohitij and Rajalingham, Rishi and Hong, Ha and Majaj, Najib J. and Issa, Elias B. and Bashivan, Pouya and Prescott-Roy, Jonathan and Schmidt, Kailyn and Nayebi, Aran and Bear, Daniel and Yamins, Daniel L. K. and DiCarlo, James J.', title: 'Brain-Like Object Recognition with High-Performing Shallow Recurrent ANNs', booktitle: 'Advances in Neural Information Processing Systems', year: 2019, volume: '32' },
  smilkov2019tfjs: { type: 'inproceedings', author: 'Smilkov, Daniel and Thorat, Nikhil and Assogba, Yannick and Yuan, Ann and Kreeger, Nick and Yu, Ping and Zhang, Kangyi and Cai, Shanqing and Nielsen, Eric and Soergel, David and Bileschi, Stan and Terry, Michael and Nicholson, Charles and Gupta, Sandeep N. and Sirajuddin, Sarah and Sculley, D. and Monga, Rajat and Corrado, Greg and Viégas, Fernanda B. and Wattenberg, Martin', title: 'TensorFlow.js: Machine Learning for the Web and Beyond', booktitle: 'Proceedings of Machine Learning and Systems', year: 2019, volume: '1', pages: '309-321', eprint: '1901.05350' },
  onnxruntime: { type: 'misc', author: '{ONNX Runtime developers}', title: 'ONNX Runtime', year: 2018, url: 'https://github.com/microsoft/onnxruntime' },
} // prettier-ignore

/** Which paper describes a backbone, by the start of its id. */
const backbones: [RegExp, string][] = [
  [/^alexnet/, 'krizhevsky2014alexnet'],
  [/^vgg/, 'simonyan2015vgg'],
  [/^resnet/, 'he2016resnet'],
  [/^resnext/, 'xie2017resnext'],
  [/^wide_resnet/, 'zagoruyko2016wide'],
  [/^squeezenet/, 'iandola2016squeezenet'],
  [/^densenet/, 'huang2017densenet'],
  [/^mobilenet_v2/, 'sandler2018mobilenetv2'],
  [/^mobilenet_v3/, 'howard2019mobilenetv3'],
  [/^efficientnet_b/, 'tan2019efficientnet'],
  [/^googlenet/, 'szegedy2015googlenet'],
  [/^inception_v3/, 'szegedy2016inception'],
  [/^xception/, 'chollet2017xception'],
  [/^pnasnet/, 'liu2018pnasnet'],
  [/^shufflenet_v2/, 'ma2018shufflenetv2'],
  [/^convnext/, 'liu2022convnext'],
  [/^hmax/, 'serre2007hmax'],
  [/^basenet/, 'schrimpf2018brainscore'],
  [/^cornet_s/, 'kubilius2019cornets'],
  [/^cornet_/, 'kubilius2018cornet'],
]

/** Key of the paper of a backbone; null where none is known. */
export const backbonePaper = (backbone: string): string | null => backbones.find(([pattern]) => pattern.test(backbone))?.[1] ?? null

/** The work with a key. A key without a work is a defect. */
export const referenceOf = (key: string): Reference => {
  if (!Object.hasOwn(works, key)) throw new Error(`there is no reference ${key}`)
  return { key, ...works[key] }
}
